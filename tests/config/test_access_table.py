"""Every address of the site for everybody who may ask: what they are answered, and that nothing else happens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse

from accounts.scoped import TeamScoped
from studies.models import Candidate, Study
from tests.config.access_addresses import PATTERNS, address, filled, queried, sent
from tests.config.access_asking import Seen
from tests.config.access_table import ACTIONS_OF, MIXED, ROLES, TABLE, TRICKS, Row
from tests.config.access_world import NAME, NAMES_PERSON, OTHER, World

pytestmark = pytest.mark.django_db
OUTSIDERS = ("anonymous", "teamless", "stranger", "other rater")
MEMBERS_WHO_LOOK = ("viewer", "guest")
KNOWN = [name for name in TABLE if name in PATTERNS]
LISTS = sorted(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist" for model in admin.site._registry)


def ask(world: World, role: str, method: str, name: str, row: Row, body: dict | None = None, **headers) -> Seen:
    fill = filled(row, world)
    echoes = tuple(one for one in fill if isinstance(one, str) and len(one) > 3 and one in world.values.values())
    where = address(name, fill, queried(row, world))
    return Seen(world.client(role), method, where, body, echoes, **headers)


def untouched(row: Row, world: World) -> dict | None:
    if not row.untouched:
        return None
    model, value = row.untouched.split()
    return apps.get_model(model)._default_manager.filter(pk=world.values[value]).values().get()


def leaks(seen: Seen, world: World) -> list[str]:
    said = seen.text.lower()
    return [secret for secret in world.secrets if secret.lower() in said]


def test_every_address_has_a_row_and_every_row_an_address():
    unsaid = [f"new address {name} has no row: say who may see it" for name in PATTERNS if name not in TABLE]
    gone = [f"row {name} has no address any more" for name in TABLE if name not in PATTERNS]
    assert not unsaid + gone, "\n".join(["", *unsaid, *gone])


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", KNOWN)
def test_who_is_answered_what(world, name, method):
    wrong = []
    for row in TABLE[name]:
        body = sent(name, row, world) if method == "POST" else None
        for role in ROLES:
            seen = ask(world, role, method, name, row, body)
            found = faults(seen, role, (row.get if method == "GET" else row.post)[role], row, world)
            wrong += [f"{role} {method} {name} ({seen.where}) -> {fault}" for fault in found]
    assert not wrong, "\n".join(["", *wrong])


def faults(seen: Seen, role: str, wanted: str, row: Row, world: World) -> Iterator[str]:
    if seen.outcome != wanted:
        yield f"{seen.outcome} instead of {wanted}{seen.refusal}"
    if role in OUTSIDERS and not row.public and (told := leaks(seen, world)):
        yield f"told {told}"
    if role in MEMBERS_WHO_LOOK and NAMES_PERSON in seen.text:
        yield "named a rater"


@pytest.mark.parametrize("name", KNOWN)
def test_what_is_absent_answers_as_what_never_was(world, name):
    """By its status and by every word."""
    for row in TABLE[name]:
        for role in ("teamless", "stranger"):
            if row.fill and row.get[role] == "absent":
                there = ask(world, role, "GET", name, row)
                fill = [
                    _never(value, word != value)
                    for word, value in zip(row.fill.split(), filled(row, world), strict=True)
                ]
                nowhere = Seen(world.client(role), "GET", address(name, fill, row.query))
                assert (there.answer, there.text) == (nowhere.answer, nowhere.text), f"{role} at {there.where}"


def _never(value: object, of_world: bool) -> object:
    if not of_world:
        return value
    return 999_999_999 if isinstance(value, int) else "x" * max(len(str(value)), 32)


@pytest.mark.parametrize("name", [name for name in KNOWN if name.startswith("api:")])
def test_a_script_reads_what_its_user_may_read(world, name):
    for row in TABLE[name]:
        for role, key in world.keys.items():
            seen = ask(world, "anonymous", "GET", name, row, authorization=f"Bearer {key}")
            assert seen.answer == row.get[role], f"{role}'s script at {seen.where}"
            assert set(seen.changed) <= {"accounts_apitoken"}, f"{role}'s script changed {seen.changed}"
            assert role not in OUTSIDERS or not leaks(seen, world), f"{role}'s script at {seen.where}"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_key_opens_nothing_but_the_api(world, method):
    opened = []
    for name in [name for name in KNOWN if not name.startswith("api:")]:
        for row in TABLE[name]:
            body = sent(name, row, world) if method == "POST" and not row.form else None
            seen = ask(world, "anonymous", method, name, row, body, authorization=f"Bearer {world.keys['owner']}")
            if seen.outcome != (row.get if method == "GET" else row.post)["anonymous"]:
                opened.append(f"{method} {seen.where} -> {seen.outcome}")
    assert not opened, "\n".join(["", *opened])


@pytest.mark.parametrize("name", [*LISTS, "results:studies", "api:studies", "api:prompt-sets"])
def test_a_list_holds_what_is_of_ones_own_teams(world, name):
    row, kept = TABLE[name][0], (NAME.lower(), OTHER.lower())
    page = {role: ask(world, role, "GET", name, row).text.lower() for role in ("owner", "viewer", "stranger", "guest")}
    held = {role: [word for word in kept if word in text] for role, text in page.items()}
    owned = name.startswith(("results", "api")) or _owned(name)
    mine, theirs = ([NAME.lower()], [OTHER.lower()]) if owned else ([], [])
    if name == "admin:accounts_apitoken_changelist":
        mine, theirs = [NAME.lower()], []  # by their users' names: team B's are called otherwise
    assert held["stranger"] == theirs
    if owned:
        assert (held["owner"], held["viewer"], held["guest"]) == (mine, mine, [*mine, *theirs])


def _owned(name: str) -> bool:
    return any(
        isinstance(of, TeamScoped) and name == f"admin:{model._meta.label_lower.replace('.', '_')}_changelist"
        for model, of in admin.site._registry.items()
    )


@pytest.mark.parametrize("name", LISTS)
def test_no_way_of_asking_a_list_tells_a_stranger_more(world, name):
    """Filters by somebody else's rows, searches for their words, popups, columns and fields to point at."""
    for query in TRICKS:
        for role in ("stranger", "teamless"):
            seen = ask(world, role, "GET", name, Row(query=query))
            assert not seen.changed and seen.response.status_code < 500, f"{role} at {seen.where}"
            assert not leaks(seen, world), f"{role} at {seen.where} -> told {leaks(seen, world)}"


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_no_action_of_a_list_reaches_rows_that_one_may_not_change(world, rf, model):
    label = model._meta.label_lower.replace(".", "_")
    request = rf.get("/")
    request.user = world.people["administrator"]
    chosen = [filled(row, world)[0] for row in TABLE[f"admin:{label}_change"]]
    for action in admin.site._registry[model].get_actions(request):
        body = {"action": action, "_selected_action": chosen, **ACTIONS_OF}
        for role in (*OUTSIDERS, "viewer", "guest"):
            if label == "accounts_apitoken":
                continue
            seen = ask(world, role, "POST", f"admin:{label}_changelist", Row(), body)
            assert not seen.changed, f"{role} POST {label} {action} -> changed {seen.changed}"
            assert role not in OUTSIDERS or not leaks(seen, world), f"{role} POST {label} {action}"


@pytest.mark.parametrize("name", MIXED)
def test_one_s_own_page_is_no_way_to_somebody_else_s_rows(world, name):
    """Team B's owner, and its rater, on pages of their own, with rows of team A in the address or in the form."""
    for role, method, row, wanted in MIXED[name]:
        body = sent(name, row, world, role) if method == "POST" else None
        seen = ask(world, role, method, name, row, body, look=lambda row=row: untouched(row, world))
        assert seen.outcome == wanted, f"{role} {method} {seen.where} -> {seen.outcome}{seen.refusal}"
        assert seen.found == untouched(row, world), f"{role} {method} {seen.where} changed {row.untouched}"
        assert role not in OUTSIDERS or not leaks(seen, world), f"{role} {method} {seen.where}"


def test_a_shared_row_does_not_say_which_other_study_wants_it(world):
    """The same prompt gives the same rewrite: whoever shares it must not learn by a filter that others do."""
    arm, theirs = world.mine.draft.arms.first(), world.values["their.rewrite"]
    prompt = world.mine.draft.prompt_set.prompts.first()
    Candidate.objects.create(arm=arm, prompt=prompt, purpose="train", rewrite_id=theirs)
    there, nowhere = (
        ask(world, "stranger", "GET", "admin:studies_rewrite_changelist", Row(query=f"study={pk}"))
        for pk in (world.mine.draft.pk, 999_999_999)
    )
    count = [seen.response.context["cl"].result_count for seen in (there, nowhere)]
    assert count[0] == count[1]


@pytest.mark.parametrize("there", ["//evil.example/", "https://evil.example/", "/\\evil.example/"])
def test_signing_in_leads_to_no_other_site(world, there):
    for name in ("results:login", "admin:login"):
        for role in ("anonymous", "stranger"):
            body = {"username": "stranger", "password": "correct horse battery", "next": there}
            seen = Seen(world.client(role), "POST", reverse(name), body)
            assert seen.response.status_code == 302 and "evil.example" not in seen.response.url
            assert "evil.example" not in ask(world, role, "GET", name, Row(query=f"next={there}")).response.headers.get(
                "Location", ""
            )


def test_the_world_has_what_the_table_speaks_of(world):
    assert {world.mine.draft.status, world.mine.complete.status} == {Study.Status.DRAFT, Study.Status.COMPLETE}
    assert all(
        leaks(ask(world, "owner", "GET", name, TABLE[name][0]), world) for name in ("results:study", "api:export")
    )
