"""Pages for researchers."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from results.views import media, studies

app_name = "results"
urlpatterns = [
    path("login/", LoginView.as_view(next_page="results:studies", redirect_authenticated_user=True), name="login"),
    path("logout/", LogoutView.as_view(next_page="results:login"), name="logout"),
    path("studies/", studies.index, name="studies"),
    path("studies/<slug:slug>/", studies.show, name="study"),
    path("studies/<slug:slug>/progress", studies.steps, name="progress"),
    path("studies/<slug:slug>/clips/<int:clip>.flac", media.clip, name="clip"),
    path("studies/<slug:slug>/figures/<slug:name>.svg", media.figure, name="figure"),
]
