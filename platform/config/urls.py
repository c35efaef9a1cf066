"""Every address of the site, a room a line."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config.observability.probes import PROBES

urlpatterns = [
    *(path(name, probe, name=name) for name, probe in PROBES.items()),  # answered before they are looked up here
    path("admin/", admin.site.urls),
    path("account/", include("accounts.urls")),
    path("listen/", include("listening.urls")),
    path("panel/", include("listening.panel.urls")),
    path("api/v1/", include("results.api.urls")),
    path("", include("results.urls")),
    path("", RedirectView.as_view(pattern_name="results:studies"), name="home"),
]

handler500 = "config.away.error"
