"""A study in the admin: configured while a draft, conducted by buttons, frozen once launched."""

import pytest
from django.urls import reverse

from accounts.models import Membership
from studies.models import EngineSpec, Rewrite, Study
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(client):
    editor = factories.user("editor", is_staff=True)
    client.force_login(editor)
    return factories.study(factories.team(editor, role=Membership.Role.EDITOR))


def page(study) -> str:
    return reverse("admin:studies_study_change", args=[study.pk])


def filled(study, **changed) -> dict:
    """What the browser would send of the study's page."""
    names = [
        *("name", "slug", "description", "seed", "seconds", "evaluation_kind", "evaluation_split", "failure_limit"),
        *("evaluation_takes", "feedback_takes", "listening_prompts", "votes_per_trial", "trials_per_session"),
    ]
    keys = ["team", "prompt_set", "generator", "feedback_scorer", "evaluation_scorer", "oracle"]
    arms = list(study.arms.all())
    data = {name: getattr(study, name) for name in names} | {key: getattr(study, f"{key}_id") for key in keys}
    data |= {"listening_pairs": "instruct, original"}
    data |= {"arms-TOTAL_FORMS": len(arms), "arms-INITIAL_FORMS": len(arms)}
    for at, arm in enumerate(arms):
        row = {"id": arm.pk, "study": study.pk, "key": arm.key, "name": arm.name, "method": arm.method}
        row |= {"rewriter": arm.rewriter_id or "", "parameters": "{}", "position": arm.position}
        data |= {f"arms-{at}-{name}": value for name, value in row.items()}
    return data | changed


def do(client, study, name: str, **data):
    return client.post(reverse("admin:studies_study_do", args=[study.pk, name]), data, follow=True)


def test_a_draft_is_changed(client, study):
    client.post(page(study), filled(study, name="Renamed", listening_pairs="original,instruct\n"))

    study.refresh_from_db()
    assert (study.name, study.listening_pairs) == ("Renamed", [["original", "instruct"]])


def test_a_frozen_study_reads_as_people_do_and_offers_what_can_be_done(client, study):
    study.listening_pairs = [["instruct", "original"]]
    study.save()
    factories.complete(study)
    Study.objects.filter(pk=study.pk).update(status="running", finished_at=None)

    shown = client.get(page(study)).content.decode()
    assert "Instruct – Original" in shown and "[[" not in shown
    assert "Cancel for good" in shown and "Retry failed rows" not in shown

    rewrite = Rewrite.objects.filter(candidates__arm__study=study).exclude(rewriter=None)[0]
    Rewrite.objects.filter(pk=rewrite.pk).update(state="failed", error="Too long.")
    assert "Retry failed rows" in client.get(page(study)).content.decode()


def test_a_new_study_belongs_to_whoever_made_it(client, study):
    data = filled(study, slug="another", name="Another")
    data |= {"arms-INITIAL_FORMS": 0, "arms-0-id": "", "arms-1-id": "", "arms-0-study": "", "arms-1-study": ""}

    response = client.post(reverse("admin:studies_study_add"), data)

    made = Study.objects.get(slug="another")
    assert response.url == page(made)
    assert (made.created_by.username, made.arms.count()) == ("editor", 2)


@pytest.mark.parametrize(
    ("changed", "where", "says"),
    [
        ({"listening_pairs": "instruct"}, "listening_pairs", "Line 1 is not two different arm keys"),
        ({"listening_pairs": "instruct, instruct"}, "listening_pairs", "Line 1 is not two different"),
        ({"seconds": "0"}, "seconds", "greater than or equal to 0.5"),
        ({"arms-1-rewriter": ""}, "arms-1-rewriter", "This method rewrites: choose a rewriter."),
        ({"arms-1-parameters": '{"nn": 3}'}, "arms-1-parameters", "nn: Extra inputs are not permitted"),
        ({"arms-1-method": "best_of_n", "arms-1-parameters": '{"n": 1}'}, "arms-1-parameters", "n: Input should be"),
    ],
)
def test_a_mistake_is_named_by_its_field(client, study, changed, where, says):
    response = client.post(page(study), filled(study, **changed))

    form = response.context["adminform"].form
    arms = response.context["inline_admin_formsets"][0].formset
    errors = {**form.errors, **{f"arms-1-{name}": texts for name, texts in arms.forms[1].errors.items()}}
    assert says in str(errors[where])


def test_empty_parameters_are_the_defaults(client, study):
    client.post(page(study), filled(study, name="Renamed", **{"arms-1-parameters": ""}))

    assert study.arms.get(key="instruct").parameters == {}
    study.refresh_from_db()
    assert study.name == "Renamed"


def test_each_field_offers_the_engines_that_can_do_its_work(client, study):
    form = client.get(page(study)).context["adminform"].form

    for field, kind in (("generator", "generator"), ("feedback_scorer", "scorer"), ("oracle", "judge")):
        assert {spec.kind for spec in form.fields[field].queryset} == {kind}


def test_a_draft_says_what_launching_will_make(client, study):
    content = client.get(page(study)).content.decode()

    assert "Everything is in place" in content
    assert "Save and launch" in content


def test_a_draft_says_what_it_lacks_by_field(client, study):
    study.prompt_set.prompts.filter(split="test").delete()

    response = client.get(page(study))

    assert list(response.context["missing"]) == ["prompt_set"]
    assert "nothing to evaluate" in response.content.decode()


def test_save_and_launch_saves_and_launches(client, study):
    response = client.post(page(study), filled(study, name="Renamed", _launch="1"), follow=True)

    study.refresh_from_db()
    assert (study.name, study.status) == ("Renamed", "running")
    assert "Renamed is running." in response.content.decode()
    assert Rewrite.objects.exists()


def test_a_launch_that_is_refused_names_the_field_and_keeps_the_edit(client, study):
    study.prompt_set.prompts.filter(split="test").delete()

    response = client.post(page(study), filled(study, name="Renamed", _launch="1"), follow=True)

    study.refresh_from_db()
    assert (study.name, study.status) == ("Renamed", "draft")
    assert "Renamed, prompt_set: " in " ".join(map(str, response.context["messages"]))
    assert not Rewrite.objects.exists()


def test_a_launched_study_is_frozen(client, study):
    do(client, study, "launch")

    shown = client.get(page(study)).content.decode()
    assert 'name="_save"' not in shown
    assert "arms-0-key" not in shown
    assert client.post(page(study), filled(study, name="Renamed")).status_code == 403
    assert client.post(reverse("admin:studies_study_delete", args=[study.pk]), {"post": "yes"}).status_code == 403
    study.refresh_from_db()
    assert study.name != "Renamed"


def test_pause_resume_retry_and_cancel(client, study):
    states = []
    for name in ("launch", "pause", "resume", "retry", "cancel"):
        do(client, study, name)
        study.refresh_from_db()
        states.append(study.status)

    assert states == ["running", "paused", "running", "running", "running"]  # Cancelling asks first.
    sure = {"action": "cancel", "_selected_action": study.pk, "sure": "yes"}
    response = client.post(reverse("admin:studies_study_changelist"), sure, follow=True)
    study.refresh_from_db()
    assert study.status == "cancelled"
    assert "what it made stays" in response.content.decode()


def test_what_cannot_be_done_now_is_said(client, study):
    content = do(client, study, "pause").content.decode()

    assert "status: Cannot pause a study that is Draft" in content


def test_a_button_needs_a_post_and_a_verb(client, study):
    assert client.get(reverse("admin:studies_study_do", args=[study.pk, "launch"])).status_code == 405
    assert client.post(reverse("admin:studies_study_do", args=[study.pk, "explode"])).status_code == 404


def test_actions_of_the_list_touch_only_what_one_may_change(client, study):
    other = factories.study()
    chosen = {"action": "launch", "_selected_action": [study.pk, other.pk]}

    client.post(reverse("admin:studies_study_changelist"), chosen)

    study.refresh_from_db()
    other.refresh_from_db()
    assert (study.status, other.status) == ("running", "draft")


def test_what_was_done_is_in_the_history(client, study):
    do(client, study, "launch")

    history = client.get(reverse("admin:studies_study_history", args=[study.pk])).content.decode()
    assert "Launched: settings and prompts are frozen." in history
    assert "editor" in history
    assert "editor" in history


def test_failed_rows_are_found_from_the_study(client, study):
    do(client, study, "launch")
    failed = Rewrite.objects.filter(state="waiting").first()
    Rewrite.objects.filter(pk=failed.pk).update(state="failed", error="NaN in the logits.")

    content = client.get(page(study)).content.decode()
    address = f"{reverse('admin:studies_rewrite_changelist')}?study={study.pk}&state__exact=failed"
    assert address.replace("&", "&amp;") in content
    listed = client.get(address)
    assert [row.pk for row in listed.context["cl"].result_list] == [failed.pk]
    assert "NaN in the logits." in listed.content.decode()


def test_the_study_page_costs_the_same_for_more_rows(client, django_assert_max_num_queries):
    owner = factories.user("owner", is_staff=True)
    client.force_login(owner)
    many = factories.complete(factories.study(factories.team(owner)))

    with django_assert_max_num_queries(60):
        client.get(page(many))
    with django_assert_max_num_queries(20):
        client.get(f"{reverse('admin:studies_clip_changelist')}?study={many.pk}")


# Engines


def spec(**changed) -> dict:
    data = {"name": "Mine", "slug": "mine", "kind": "scorer", "engine": "transformers-clap", "parameters": "{}"}
    return data | {"checkpoint": "sandbox:clap-judge", "licence": "Apache-2.0"} | changed


def test_an_engine_is_added_with_its_defaults(client, study):
    client.post(reverse("admin:studies_enginespec_add"), spec(parameters=""))

    assert EngineSpec.objects.get(slug="mine").parameters


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"kind": "generator"}, "kind"), ({"parameters": '{"loud": 1}'}, "parameters"), ({"engine": "none"}, "engine")],
)
def test_an_engines_mistake_is_named_by_its_field(client, study, changed, field):
    form = client.post(reverse("admin:studies_enginespec_add"), spec(**changed)).context["adminform"].form

    assert field in form.errors
    assert not EngineSpec.objects.filter(slug="mine").exists()


def test_a_used_engine_is_not_changed_by_anybody(admin_client):
    made = factories.complete(factories.study(factories.team()))
    change = reverse("admin:studies_enginespec_change", args=[made.generator.pk])

    assert b'name="_save"' not in admin_client.get(change).content
    assert admin_client.post(change, spec()).status_code == 403
