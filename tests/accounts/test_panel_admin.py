"""Panels in the admin: by an owner, a team mate, a stranger."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership, Panel, PanelMember
from tests import factories
from tests.accounts.panels import invited, member, panel

pytestmark = pytest.mark.django_db
LIST = "email,language\nanna@example.org,de\nnobody\nben@example.org,\n"


@pytest.fixture
def world(client):
    people = {name: factories.user(name, is_staff=True) for name in ("owner", "viewer", "stranger")}
    team = factories.team(people["owner"])
    Membership.objects.create(team=team, user=people["viewer"], role="viewer")
    factories.team(people["stranger"])
    return panel(team), people


@pytest.fixture
def owner(client, world):
    client.force_login(world[1]["owner"])
    return world[0]


def page(name: str, *args) -> str:
    return reverse(f"admin:accounts_{name}", args=args)


def confirm(client, of: Panel, text: str, **also):
    return client.post(page("panel_invite", of.pk), {"text": text, "confirm": "yes", **also}, follow=True)


def test_the_preview_shows_every_line_and_writes_to_nobody(client, owner, posted):
    invited(owner, "cleo@example.org"), member(owner, "dora@example.org")

    with posted():
        answer = client.post(page("panel_invite", owner.pk), {"text": LIST + "cleo@example.org\ndora@example.org\n"})

    assert "“nobody” is not an e-mail address" in answer.text
    shown = re.sub(r"<[^>]+>|\s+", " ", answer.text)
    for words in ("2 new", "1 invited already", "1 joined already", "1 fault"):
        assert words in re.sub(" +", " ", shown)
    assert not mail.outbox and owner.members.count() == 2


def test_a_file_is_shown_as_it_would_be_pasted(client, owner):
    file = SimpleUploadedFile("people.csv", "\ufeffemail;language\r\nanna@example.org;de\r\n".encode())

    answer = client.post(page("panel_invite", owner.pk), {"file": file})

    assert [row.email for row in answer.context["plan"].new] == ["anna@example.org"]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"email\nbj\xf6rn@example.org", "Line 2: This is not UTF-8"), (b"x" * 1_000_001, "larger than 1 MB")],
)
def test_a_file_that_cannot_be_read_is_refused_beside_the_file(client, owner, content, words):
    answer = client.post(page("panel_invite", owner.pk), {"file": SimpleUploadedFile("people.csv", content)})

    assert words in answer.text and "Check the list" in answer.text


def test_no_list_at_all_is_asked_for_again(client, owner):
    assert "Choose a file, or paste addresses" in client.post(page("panel_invite", owner.pk), {"text": " \n"}).text


@pytest.mark.django_db(transaction=True)
def test_confirming_invites_the_good_lines_and_says_what_was_sent(client, owner):
    answer = confirm(client, owner, LIST)

    assert "2 invitations sent" in answer.text
    assert [letter.to for letter in mail.outbox] == [["anna@example.org"], ["ben@example.org"]]
    assert LogEntry.objects.get().change_message == "Invited 2 people."
    assert "0 invitations sent" in confirm(client, owner, LIST).text
    assert len(mail.outbox) == 2
    assert "2 invitations sent" in confirm(client, owner, LIST, again="yes").text


@pytest.mark.django_db(transaction=True)
def test_when_e_mail_does_not_work_the_list_says_who_waits(client, owner, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    answer = confirm(client, owner, LIST)

    assert "2 could not be sent; nothing is lost" in answer.text
    assert answer.text.count("not sent</span>") == 2


@pytest.mark.django_db(transaction=True)
def test_chosen_members_are_written_to_again(client, owner):
    waiting = [invited(owner, f"{name}@example.org", days_ago=2) for name in ("anna", "ben")]
    joined = PanelMember.objects.get(account=member(owner, "cleo@example.org"))
    chosen = [waiting[0].pk, joined.pk]

    data = {"action": "write_again", "_selected_action": chosen}
    answer = client.post(page("panelmember_changelist"), data, follow=True)

    assert "1 invitation sent" in answer.text
    assert [letter.to for letter in mail.outbox] == [["anna@example.org"]]


def test_removing_a_member_leaves_their_account(client, owner):
    account = member(owner)

    client.post(page("panelmember_delete", account.memberships.get().pk), {"post": "yes"})

    account.refresh_from_db()
    assert not account.memberships.exists()


def test_members_are_listed_with_their_state(client, owner):
    invited(owner), member(owner, "ben@example.org", language="fr")
    PanelMember.objects.create(panel=owner, email="cleo@example.org")

    answer = client.get(page("panelmember_changelist"))

    assert {row.email: row.done for row in answer.context["cl"].result_list} == {
        "anna@example.org": 0, "ben@example.org": 0, "cleo@example.org": 0
    }  # fmt: skip
    for state, email in (("joined", "ben"), ("invited", "anna"), ("unsent", "cleo")):
        rows = client.get(page("panelmember_changelist"), {"state": state}).context["cl"].result_list
        assert [row.email for row in rows] == [f"{email}@example.org"]
    assert "3 members" in client.get(page("panel_changelist")).text


def test_more_members_cost_the_list_no_more_queries(client, owner, django_assert_num_queries):
    member(owner, "0@example.org")
    with CaptureQueriesContext(connection) as few:
        client.get(page("panelmember_changelist"))
    for number in range(1, 20):
        member(owner, f"{number}@example.org")

    with django_assert_num_queries(len(few)):
        client.get(page("panelmember_changelist"))


def test_to_a_stranger_the_panel_does_not_exist(client, world):
    made, people = world
    row = invited(made)
    client.force_login(people["stranger"])

    assert client.get(page("panel_invite", made.pk)).status_code == 404
    assert confirm(client, made, LIST).status_code == 404
    assert client.get(page("panel_change", made.pk)).status_code == 404
    for name in ("panel_changelist", "panelmember_changelist"):
        assert not client.get(page(name)).context["cl"].result_list
    client.post(page("panelmember_changelist"), {"action": "write_again", "_selected_action": row.pk})
    client.post(page("panelmember_delete", row.pk), {"post": "yes"})
    assert made.members.count() == 1 and not mail.outbox


def test_a_viewer_sees_members_and_changes_nothing(client, world, posted):
    made, people = world
    row = invited(made)
    client.force_login(people["viewer"])

    assert row.email in client.get(page("panelmember_changelist")).text
    assert client.get(page("panel_invite", made.pk)).status_code == 403
    with posted():
        client.post(page("panelmember_changelist"), {"action": "write_again", "_selected_action": row.pk})
    client.post(page("panelmember_delete", row.pk), {"post": "yes"})
    assert made.members.count() == 1 and not mail.outbox


def test_an_editor_elsewhere_may_not_write_to_a_panel_that_they_only_view(client, world, posted):
    made, people = world
    row = invited(made)
    factories.team(people["viewer"])
    client.force_login(people["viewer"])

    with posted():
        data = {"action": "write_again", "_selected_action": row.pk}
        answer = client.post(page("panelmember_changelist"), data, follow=True)

    assert "only owners and editors" in answer.text and not mail.outbox


def test_a_new_panel_leads_to_its_members(client, owner):
    answer = client.post(page("panel_add"), {"name": "Day listeners", "team": owner.team_id})

    assert answer.url == page("panel_invite", Panel.objects.get(name="Day listeners").pk)
