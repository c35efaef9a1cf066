"""Who did what: written with the deed, readable by administrators, changed by nobody."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts import audit
from accounts.models import ApiToken, AuditEntry, Membership, Rater, User
from listening.actions.erase import erase
from results.models import Webhook
from studies import actions
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> User:
    return factories.user("root", is_staff=True, is_superuser=True)


@pytest.fixture
def study(root):
    return factories.complete(factories.study(factories.team(root), slug="rain"))


def told(kind: str) -> list[tuple[str, str]]:
    return [(entry.who, entry.text) for entry in AuditEntry.objects.filter(kind=kind).order_by("pk")]


def test_signing_in_and_out(client, root):
    client.post("/login/", {"username": "root", "password": "correct horse battery"})
    client.post("/logout/")

    assert told("sign-in") == [("root", "Signed in."), ("root", "Signed out.")]


def test_keys_without_the_keys(client, root):
    client.force_login(root)
    where = reverse("admin:accounts_apitoken_add")
    page = client.post(where, {"name": "nightly", "scopes": ["read", "write"], "user": root.pk}).content.decode()
    ApiToken.objects.get().delete()

    assert [text.split(":")[0] for _, text in told("key")] == [
        "Key 'nightly' of root issued",
        "Key 'nightly' of root deleted.",
    ]
    assert told("key")[0][0] == "root"
    assert "aud_" in page and not AuditEntry.objects.filter(text__contains="aud_").exists()


def test_roles(client, root):
    team, ada = factories.team(root), factories.user("ada")
    client.force_login(root)
    Membership.objects.create(team=team, user=ada, role="viewer")
    Membership.objects.get(user=ada).delete()

    assert [text for _, text in told("role")][-2:] == [
        f"ada is viewer of team {team}.",
        f"ada is in team {team} no more.",
    ]


def test_rights_of_accounts(client, root):
    ada = factories.user("ada")
    client.force_login(root)
    body = {"username": "ada", "is_active": "on", "is_superuser": "on"}
    client.post(reverse("admin:accounts_user_change", args=[ada.pk]), body)

    assert told("account")[-1] == ("root", "Account ada: administrator on.")


def test_exports_by_whom_and_once_for_a_download_that_goes_on(client, root, study):
    _, key = ApiToken.issue(root, "script", scopes=["export"])
    whose = {"Authorization": f"Bearer {key}"}
    where = reverse("api:records-file", args=["rain", "prompts", "csv"])
    client.get(where, headers=whose).getvalue()
    client.get(where, headers={**whose, "Range": "bytes=10-"}).getvalue()

    assert told("export") == [("root", "rain: prompts.csv")]


def test_payment_lists_that_were_looked_at(client, root, study):
    client.force_login(root)
    where = reverse("admin:listening_payment", args=[study.listening_test.pk])
    client.get(where)
    client.get(where, {"csv": ""})

    assert [text for _, text in told("payment")] == ["rain: payment list seen.", "rain: payment list taken as CSV."]


def test_erasures_without_the_person():
    rater = Rater.objects.create(provider="prolific", external_id="5f0c1d2e3a4b")
    number = rater.pk
    erase(rater=rater, keep_votes=False)

    assert told("erasure") == [("", f"Rater {number} of prolific: erased; votes deleted.")]


def test_what_was_done_to_studies(root, study):
    actions.note(study=study, by=root, text="Named anew.")
    actions.note(study=study, by=None, text="Finished.")

    assert told("study") == [("root", "rain: Named anew.")]


def test_where_studies_are_told_to(root, study):
    Webhook.objects.create(team=study.team, url="https://hook.example/", events=["study.completed"])

    assert told("webhook")[0][1] == f"Webhook of team {study.team} to https://hook.example/ made."


@pytest.mark.parametrize("sql", ["UPDATE accounts_auditentry SET text = 'nothing'", "DELETE FROM accounts_auditentry"])
def test_the_database_itself_refuses_changes(root, sql):
    audit.note(audit.Kind.ROLE, "Something.", by=root)

    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_it_outlives_whoever_it_is_about(root):
    ada = factories.user("ada")
    audit.note(audit.Kind.ROLE, "Something.", by=ada)
    ada.delete()

    assert AuditEntry.objects.filter(who="ada", text="Something.").exists()


def test_administrators_read_and_filter_it_and_nobody_else_does(client, root):
    audit.note(audit.Kind.EXPORT, "rain: export.jsonl", by=root)
    audit.note(audit.Kind.ROLE, "Something else.", by=root)
    where = reverse("admin:accounts_auditentry_changelist")
    client.force_login(root)
    shown = client.get(where, {"kind__exact": "export", "q": "rain"}).content.decode()
    assert "rain: export.jsonl" in shown and "Something else." not in shown

    client.force_login(factories.user("ada", is_staff=True))
    assert client.get(where).status_code == 403
