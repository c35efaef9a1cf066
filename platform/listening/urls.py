"""Addresses of the rater's pages. None of them names an arm, a clip or a rater."""

from django.urls import path, re_path

from listening.views import arrival, audio, trial

app_name = "listening"
urlpatterns = [
    # Tokens are 32 characters, so that a study may well be called "audio".
    re_path(r"^audio/(?P<token>[\w-]{32})$", audio.play, name="audio"),
    path("<slug:slug>/", arrival.arrive, name="arrive"),
    path("<slug:slug>/declined/", arrival.declined, name="declined"),
    path("<slug:slug>/trial/", trial.show, name="trial"),
    path("<slug:slug>/ahead/", trial.ahead, name="ahead"),
    path("<slug:slug>/heard/", trial.heard, name="heard"),
    path("<slug:slug>/vote/", trial.vote, name="vote"),
    path("<slug:slug>/leave/", trial.leave, name="leave"),
    path("<slug:slug>/end/", trial.end, name="end"),
]
