"""Pages about one's own account."""

from django.urls import path

from accounts.second_factor import pages

app_name = "account"
urlpatterns = [
    path("code/", pages.code, name="code"),
    path("second-factor/", pages.second_factor, name="second_factor"),
]
