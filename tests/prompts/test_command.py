"""`manage.py import_prompts`: faults by line, an exit code, and no harm in running it again."""

import io

import pytest
from django.core.management import CommandError, call_command

from prompts.models import Prompt, PromptSet
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path):
    team = factories.team()

    def run(content: bytes | None, *options: str, team=team) -> tuple[str, str]:
        path, out, err = tmp_path / "prompts.csv", io.StringIO(), io.StringIO()
        if content is not None:
            path.write_bytes(content)
        try:
            call_command(
                "import_prompts", str(path), "--team", team.slug, "--name", "Weather", *options, stdout=out, stderr=err
            )
        except CommandError as error:
            assert error.returncode == 1
            err.write(str(error))
        return out.getvalue(), err.getvalue()

    return run


def test_imports_into_a_new_set_and_says_so(run):
    assert run(b"text\nrain\nsnow\n") == ("2 prompts imported into Weather.\n", "")
    assert PromptSet.objects.get().slug == "weather"


def test_lists_faults_by_line_and_stores_nothing(run):
    out, err = run(b"text\nrain\n=1+1\n\n")

    assert "prompts.csv, line 3, text: begins like a spreadsheet formula" in err
    assert "1 fault: nothing was stored. Mend the file, or keep 1 good row with --keep-good." in err
    assert not out
    assert not PromptSet.objects.exists()


def test_keeps_the_good_rows_when_asked(run):
    out, err = run(b"text\nrain\n=1+1\n", "--keep-good")

    assert out == "1 prompt imported into Weather. 1 faulty row left out.\n"
    assert "line 3" in err


def test_a_second_run_says_that_all_is_there(run):
    run(b"text\nrain\n")

    assert run(b"text\nrain\n")[0] == "Weather already holds 1 prompt of this file: nothing to do.\n"
    assert Prompt.objects.count() == 1


def test_a_missing_file_and_a_missing_team_are_one_line_each(run):
    assert "Could not read" in run(None)[1]
    with pytest.raises(CommandError, match="No team 'nobody'"):
        call_command("import_prompts", "x.csv", "--team", "nobody", "--name", "x")


def test_another_teams_set_is_not_touched(run):
    run(b"text\nrain\n")
    _, err = run(b"text\nsnow\n", team=factories.team())

    assert "belongs to another team" in err
    assert Prompt.objects.count() == 1


def test_the_address_can_be_chosen(run):
    run(b"text\nrain\n", "--slug", "w2")

    assert PromptSet.objects.get().slug == "w2"
