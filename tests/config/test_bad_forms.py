"""Every form of ours, filled with whatever: it is right, or it says at its fields what is not; and it can be shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest
from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.forms import ApiTokenForm, MembershipForm
from accounts.models import Team
from accounts.panel_invite import InviteForm
from accounts.second_factor.forms import CodeForm, SetUpForm, SignInForm
from listening.admin.forms import ListeningTestForm, QuestionForm
from listening.panel.forms import AddressForm, DeleteForm, LanguageForm, NewPasswordForm, PanelForm, PasswordForm
from prompts.forms import PromptForm, UploadForm
from prompts.models import PromptSet
from prompts.plan_form import PlanForm
from results import forms as of_results
from results.admin import WebhookForm
from studies.admin.engines import EngineSpecForm
from studies.admin.forms import ArmForm, StudyForm
from studies.admin.gallery import ChooseForm
from studies.models import Study
from tests.strange import BYTES, TEXT, VALUE, drawn

pytestmark = pytest.mark.django_db
NUL = "\0"  # refused at the door, where a form is too
MAKE: dict[type[forms.BaseForm], Callable] = {
    LanguageForm: lambda world, data, files: LanguageForm(world.mine.account, data),
    DeleteForm: lambda world, data, files: DeleteForm(data, asked=True),
    SignInForm: lambda world, data, files: SignInForm(None, data),
    PlanForm: lambda world, data, files: PlanForm(data, ["text", "kind", "a\ufeffb"], {"text": "text"}),
    of_results.PlanForm: lambda world, data, files: of_results.PlanForm(data, Study.objects.all()),
    ChooseForm: lambda world, data, files: ChooseForm(data, Team.objects.all(), PromptSet.objects.all()),
    ApiTokenForm: lambda world, data, files: type("Form", (ApiTokenForm,), {"reader": world.people["owner"]})(data),
    InviteForm: lambda world, data, files: InviteForm(data, files),
    UploadForm: lambda world, data, files: UploadForm(data, files),
} | {
    kind: lambda world, data, files, kind=kind: kind(data)
    for kind in (AddressForm, PasswordForm, NewPasswordForm, CodeForm, SetUpForm, MembershipForm, PromptForm,
                 WebhookForm, EngineSpecForm, StudyForm, ArmForm, ListeningTestForm, QuestionForm)
}  # fmt: skip


def ours(kind: type) -> Iterator[type]:
    """Forms that stand in a room of ours under their names; pages make others of them as they are asked for."""
    for one in kind.__subclasses__():
        room = one.__module__.partition(".")[0]
        named = vars(sys.modules[one.__module__]).get(one.__name__) is one
        if named and room in ("accounts", "prompts", "studies", "listening", "results"):
            yield one
        yield from ours(one)


def test_no_form_is_missing_here():
    admin.autodiscover()
    assert set(ours(forms.BaseForm)) == {*MAKE, PanelForm}


@pytest.mark.parametrize("kind", MAKE, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_any_form(world, kind):
    names = st.sampled_from([*kind.base_fields, "column_text", "column_tags", "answers"])
    texts = st.one_of(TEXT, VALUE.map(str)).map(lambda text: text.encode("utf-8", "replace").decode().replace(NUL, ""))
    files = st.dictionaries(st.just("file"), st.builds(SimpleUploadedFile, st.just("p.csv"), BYTES), max_size=1)

    @drawn(40)
    @given(st.dictionaries(names, st.lists(texts, max_size=2), max_size=8), files)
    def tried(told, files):
        data = QueryDict(mutable=True)
        for name, values in told.items():
            data.setlist(name, values)
        form = MAKE[kind](world, data, files)
        assert form.is_valid() or form.errors
        str(form).encode()

    tried()


@pytest.mark.parametrize("value", ["[]", "x", "²", "-1", "9" * 20, "9" * 5_000])
def test_a_choice_that_is_no_row_comes_back_with_its_form(world, value):
    values, asked = world.values, world.client("owner")
    for name, fill, field in (
        ("studies_study_change", ["draft"], "prompt_set"),
        ("prompts_prompt_add", [], "prompt_set"),
        ("listening_listeningtest_change", ["test"], "not_after"),
        ("listening_listeningtest_change", ["test"], "only_after"),
    ):
        answer = asked.post(reverse(f"admin:{name}", args=[values[word] for word in fill]), {field: value})
        assert answer.status_code == 200 and answer.context["errors"], name
