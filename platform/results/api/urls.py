"""API, version 1."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from results.api import schema as _schema  # noqa: F401 (registers how tokens are described)
from results.api import views

app_name = "api"
urlpatterns = [
    path("schema", SpectacularAPIView.as_view(permission_classes=[]), name="schema"),
    path("studies", views.Studies.as_view(), name="studies"),
    path("studies/<slug:slug>/results", views.ResultsView.as_view(), name="results"),
    path("studies/<slug:slug>/export", views.Export.as_view(), name="export"),
    path("studies/<slug:slug>/clips/<int:clip>.flac", views.Audio.as_view(), name="clip"),
]
