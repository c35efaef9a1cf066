"""Pages for researchers."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from accounts.second_factor.pages import SignIn
from results.views import judge, media, plan, studies, watch, workers

app_name = "results"
urlpatterns = [
    path("login/", SignIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(next_page="results:login"), name="logout"),
    path("workers/", workers.workers, name="workers"),
    path("plan/", plan.plan, name="plan"),
    path("plan/power.<slug:form>", plan.power, name="power"),
    path("studies/", studies.index, name="studies"),
    path("studies/<slug:slug>/", studies.show, name="study"),
    path("studies/<slug:slug>/watch/", watch.watch, name="watch"),
    path("studies/<slug:slug>/clips/<int:clip>.flac", media.clip, name="clip"),
    path("studies/<slug:slug>/figures/<slug:name>.<slug:form>", media.figure, name="figure"),
    path("studies/<slug:slug>/tables/<slug:name>.<slug:form>", media.table, name="table"),
    path("studies/<slug:slug>/judge/train/", judge.train, name="judge_train"),
    path("studies/<slug:slug>/judge/use/", judge.use, name="judge_use"),
    path("studies/<slug:slug>/<slug:tab>/", studies.show, name="tab"),
    path("favicon.ico", media.icon, name="icon"),
    path("renderer-<slug:version>.js", media.renderer, name="renderer"),
]
