"""API, version 1."""

from django.urls import path, register_converter
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from results.api import files, judge, prompt_sets, records, studies, webhooks
from results.api import schema as _schema  # noqa: F401 (registers how tokens are described)
from results.api.base import Nowhere
from results.exports.writing import FORMS
from results.records import RECORDS


class Kind:
    """The name of a kind of record; others are no address."""

    regex = "|".join(RECORDS)

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python


class Form(Kind):
    regex = "|".join(FORMS)


class Docs(SpectacularSwaggerSplitView):
    """A page: what it could tell of itself to OPTIONS has no template."""

    http_method_names = ["get", "head"]


register_converter(Kind, "kind")
register_converter(Form, "form")

ONE = "studies/<slug:slug>"
app_name = "api"
urlpatterns = [
    path("schema", SpectacularAPIView.as_view(permission_classes=[], authentication_classes=[]), name="schema"),
    path("", Docs.as_view(url_name="api:schema", permission_classes=[]), name="docs"),
    path("prompt-sets", prompt_sets.PromptSets.as_view(), name="prompt-sets"),
    path("prompt-sets/<slug:slug>", prompt_sets.OnePromptSet.as_view(), name="prompt-set"),
    path("webhooks", webhooks.Webhooks.as_view(), name="webhooks"),
    path("webhooks/<int:webhook>", webhooks.OneWebhook.as_view(), name="webhook"),
    path("webhooks/<int:webhook>/deliveries", webhooks.Deliveries.as_view(), name="deliveries"),
    path("webhooks/<int:webhook>/test", webhooks.TestWebhook.as_view(), name="test-webhook"),
    path("studies", studies.Studies.as_view(), name="studies"),
    path(ONE, studies.OneStudy.as_view(), name="study"),
    *(path(f"{ONE}/{verb}", view.as_view(), name=verb) for verb, view in studies.DEEDS.items()),
    path(f"{ONE}/progress", studies.Progress.as_view(), name="progress"),
    path(f"{ONE}/events", studies.Events.as_view(), name="events"),
    path(f"{ONE}/judge", judge.Judge.as_view(), name="judge"),
    path(f"{ONE}/judge/scorer", judge.JudgeAsScorer.as_view(), name="judge-scorer"),
    path(f"{ONE}/results", studies.Results.as_view(), name="results"),
    path(f"{ONE}/export", files.Export.as_view(), name="export"),
    path(f"{ONE}/audio.tar", files.Tar.as_view(), name="audio-tar"),
    path(f"{ONE}/dataset.zip", files.Dataset.as_view(), name="dataset"),
    path(f"{ONE}/bundle.zip", files.Bundle.as_view(), name="bundle"),
    path(f"{ONE}/preference-pairs-<slug:by>.jsonl", files.PreferencePairs.as_view(), name="preference-pairs"),
    path(f"{ONE}/figures", files.Figures.as_view(), name="figures"),
    path(f"{ONE}/figures/<slug:name>.<slug:form>", files.Figure.as_view(), name="figure"),
    path(f"{ONE}/tables", files.Tables.as_view(), name="tables"),
    path(f"{ONE}/tables/<slug:name>.<slug:form>", files.Table.as_view(), name="table"),
    path(f"{ONE}/clips/<int:clip>.flac", files.Audio.as_view(), name="clip"),
    path(f"{ONE}/<kind:kind>.<form:form>", files.RecordsFile.as_view(), name="records-file"),
    *(path(f"{ONE}/{name}", view.as_view(), name=name) for name, view in records.VIEWS.items()),
    path("<path:rest>", Nowhere.as_view(), name="nowhere"),
]
