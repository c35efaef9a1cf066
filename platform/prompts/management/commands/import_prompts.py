"""Prompts from a file into a team's prompt set."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.text import slugify

from accounts.models import Team
from prompts.actions import Imported, import_prompts
from prompts.errors import ImportRefusedError, PromptError
from prompts.models import PromptSet
from prompts.reading import Reading, read_prompts


class Command(BaseCommand):
    help = (
        "Imports prompts from CSV, TSV, JSON lines, Parquet (columns text, kind, split, scene, tags; only text is "
        "required) or plain text, a prompt a line. "
        "Faults are listed by line and nothing is stored, unless --keep-good. Importing a file again adds nothing."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--team", required=True, metavar="SLUG", help="whose prompt set it is")
        parser.add_argument("--name", required=True, help="the prompt set's name; it is made when there is none")
        parser.add_argument("--slug", help="the prompt set's address; made from its name when left out")
        parser.add_argument("--keep-good", action="store_true", help="leave faulty rows out and keep the others")

    def handle(self, *, file: Path, team: str, name: str, slug: str | None, keep_good: bool, **options) -> None:
        prompt_set = _prompt_set(_team(team), name, slug or slugify(name)[:80])
        try:
            imported = import_prompts(by=None, prompt_set=prompt_set, reading=_read(file), keep_good=keep_good)
        except ImportRefusedError as error:
            self._show(file, error.faults)
            raise CommandError(_refusal(error)) from error
        except PromptError as error:
            raise CommandError(f"{error} Nothing was stored.") from error
        self._show(file, imported.faults)
        self.stdout.write(self.style.SUCCESS(_outcome(imported)))

    def _show(self, file: Path, faults) -> None:
        for fault in faults:
            self.stderr.write(f"{file.name}, {fault}")


def _team(slug: str) -> Team:
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        known = ", ".join(Team.objects.order_by("slug").values_list("slug", flat=True)[:20])
        raise CommandError(f"No team {slug!r}. " + (f"Teams: {known}." if known else "Add one in the admin first."))
    return team


def _prompt_set(team: Team, name: str, slug: str) -> PromptSet:
    found = PromptSet.objects.filter(slug=slug).first()
    if found and found.team_id != team.pk:
        raise CommandError(f"The address {slug!r} belongs to another team's prompt set. Give another --slug.")
    return found or PromptSet(team=team, name=name, slug=slug)


def _read(file: Path) -> Reading:
    try:
        with file.open("rb") as source:
            return read_prompts(source, name=file.name)
    except OSError as error:
        raise CommandError(f"Could not read {file}: {error.strerror}.") from error


def _refusal(error: ImportRefusedError) -> str:
    count = f"{_count(len(error.faults), 'fault')}: nothing was stored. Mend the file"
    return f"{count}, or keep {_count(error.keepable, 'good row')} with --keep-good." if error.keepable else f"{count}."


def _outcome(imported: Imported) -> str:
    faulty = len({fault.line for fault in imported.faults})
    left_out = f" {_count(faulty, 'faulty row')} left out." if faulty else ""
    held = _count(imported.known, "prompt")
    if not imported.added:
        return f"{imported.prompt_set} already holds {held} of this file: nothing to do.{left_out}"
    known = f" {held} there already." if imported.known else ""
    return f"{_count(imported.added, 'prompt')} imported into {imported.prompt_set}.{known}{left_out}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
