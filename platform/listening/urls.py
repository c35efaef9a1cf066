"""Addresses of the rater's pages. None of them names an arm, a clip or a rater."""

from django.urls import path, re_path

from listening.views import after, arrival, audio, before, between, check, mturk, preview, trial

app_name = "listening"
urlpatterns = [
    # Tokens are 32 characters, so that a study may well be called "audio".
    re_path(r"^audio/(?P<token>[\w-]{32})$", audio.play, name="audio"),
    re_path(r"^check/(?P<token>[\w-]{32})/(?P<trial>[1-6])\.wav$", check.sound, name="check_sound"),
    path("volume.wav", check.volume, name="volume"),
    re_path(r"^example/(?P<letter>[a-h])\.wav$", preview.example_sound, name="example_sound"),
    path("<slug:slug>/", arrival.arrive, name="arrive"),
    path("<slug:slug>/declined/", arrival.declined, name="declined"),
    path("<slug:slug>/mturk/", mturk.show, name="mturk"),
    path("<slug:slug>/preview/", preview.preview, name="preview"),
    path("<slug:slug>/questions/", before.questions, name="questions"),
    path("<slug:slug>/headphones/", before.headphones, name="headphones"),
    path("<slug:slug>/practice/", before.practice, name="practice"),
    path("<slug:slug>/counts/", before.counts, name="counts"),
    path("<slug:slug>/break/", between.pause, name="break"),
    path("<slug:slug>/trial/", trial.show, name="trial"),
    path("<slug:slug>/ahead/", trial.ahead, name="ahead"),
    path("<slug:slug>/heard/", trial.heard, name="heard"),
    path("<slug:slug>/vote/", trial.vote, name="vote"),
    path("<slug:slug>/leave/", trial.leave, name="leave"),
    path("<slug:slug>/end/", after.end, name="end"),
    path("<slug:slug>/comment/", after.comment, name="comment"),
]
