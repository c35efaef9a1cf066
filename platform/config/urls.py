"""Every address of the site, a room a line."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("admin/", admin.site.urls),
    path("listen/", include("listening.urls")),
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
]
