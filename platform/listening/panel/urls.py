"""Addresses of the panel's pages. Only the two that are sent by e-mail hold a secret."""

from django.urls import path

from listening.panel import home, joining, leaving, profile, signing_in

app_name = "panel"
urlpatterns = [
    path("", home.show, name="home"),
    path("begin/<slug:slug>/", home.begin, name="begin"),
    path("join/<str:token>/", joining.answer, name="join"),
    path("declined/", joining.declined, name="declined"),
    path("sign-in/", signing_in.ask, name="sign_in"),
    path("sign-in/password/", signing_in.password, name="password"),
    path("sign-in/sent/", signing_in.sent, name="sent"),
    path("sign-in/<str:token>/", signing_in.link, name="link"),
    path("sign-out/", signing_in.out, name="sign_out"),
    path("profile/", profile.show, name="profile"),
    path("profile/language/", profile.language, name="language"),
    path("profile/password/", profile.password, name="new_password"),
    path("profile/delete/", leaving.delete, name="delete"),
    path("deleted/", leaving.deleted, name="deleted"),
]
