"""The admin: lists, and a page of each kind of row. A new page is one line here."""

from __future__ import annotations

from django.db.models import Model
from django.urls import reverse

from accounts.models import AuditEntry, ConsentText, Rater
from config.screenshots.camera import Studio
from config.screenshots.people import demo
from listening.models import Provider, Session, Vote
from studies.models import Checkpoint, Clip, EngineSpec, Rewrite, Score, Study, TextEmbedding


def take(studio: Studio) -> None:
    study, wide = studio.study, studio.camera(user=demo())
    wide.take_all({name: reverse(f"admin:{view}", args=args) for name, (view, *args) in _pages(study).items()})
    test = study.listening_test.pk
    wide.take("admin-raters-simulated", reverse("admin:listening_raters", args=[test]) + "?simulated")
    session = Session.objects.filter(study=study, population=Session.Population.SIMULATED).order_by("pk")[0]
    wide.take("admin-rater", reverse("admin:listening_rater", args=[test, session.pk]))
    studio.camera(user=demo(), color_scheme="dark").take("admin-dark", reverse("admin:index"))


def _pages(study: Study) -> dict[str, tuple]:
    """View and arguments of each, by the picture's name."""
    test, prompts = study.listening_test.pk, study.prompt_set_id
    return {
        "admin": ("index",),
        "admin-room": ("app_list", "studies"),
        "admin-studies": ("studies_study_changelist",),
        "admin-study": ("studies_study_change", study.pk),
        "admin-study-history": ("studies_study_history", study.pk),
        "admin-rewrites": ("studies_rewrite_changelist",),
        "admin-rewrite": ("studies_rewrite_change", _first(Rewrite)),
        "admin-clips": ("studies_clip_changelist",),
        "admin-clip": ("studies_clip_change", _first(Clip)),
        "admin-scores": ("studies_score_changelist",),
        "admin-score": ("studies_score_change", _first(Score)),
        "admin-embeddings": ("studies_textembedding_changelist",),
        "admin-embedding": ("studies_textembedding_change", _first(TextEmbedding)),
        "admin-checkpoints": ("studies_checkpoint_changelist",),
        "admin-checkpoint": ("studies_checkpoint_change", _first(Checkpoint)),
        "admin-engines": ("studies_enginespec_changelist",),
        "admin-engine": ("studies_enginespec_change", _first(EngineSpec)),
        "admin-prompt-sets": ("prompts_promptset_changelist",),
        "admin-prompt-set": ("prompts_promptset_change", prompts),
        "admin-prompt-statistics": ("prompts_promptset_statistics", prompts),
        "admin-prompts": ("prompts_prompt_changelist",),
        "admin-prompt": ("prompts_prompt_change", study.prompt_set.prompts.all()[0].pk),
        "admin-listening-tests": ("listening_listeningtest_changelist",),
        "admin-listening-test": ("listening_listeningtest_change", test),
        "admin-recruitment": ("listening_recruitment", test),
        "admin-raters": ("listening_raters", test),
        "admin-missing-votes": ("listening_missing", test),
        "admin-payment": ("listening_payment", test),
        "admin-sessions": ("listening_session_changelist",),
        "admin-session": ("listening_session_change", _first(Session)),
        "admin-votes": ("listening_vote_changelist",),
        "admin-vote": ("listening_vote_change", _first(Vote)),
        "admin-providers": ("listening_provider_changelist",),
        "admin-provider": ("listening_provider_change", _first(Provider)),
        "admin-teams": ("accounts_team_changelist",),
        "admin-team": ("accounts_team_change", study.team_id),
        "admin-people": ("accounts_user_changelist",),
        "admin-person": ("accounts_user_change", demo().pk),
        "admin-person-password": ("auth_user_password_change", demo().pk),
        "admin-all-raters": ("accounts_rater_changelist",),
        "admin-one-rater": ("accounts_rater_change", _first(Rater)),
        "admin-consents": ("accounts_consenttext_changelist",),
        "admin-consent": ("accounts_consenttext_change", _first(ConsentText)),
        "admin-panels": ("accounts_panel_changelist",),
        "admin-api-keys": ("accounts_apitoken_changelist",),
        "admin-webhooks": ("results_webhook_changelist",),
        "admin-audit": ("accounts_auditentry_changelist",),
        "admin-audit-entry": ("accounts_auditentry_change", _first(AuditEntry)),
        "admin-password": ("password_change",),
        "admin-password-changed": ("password_change_done",),
    }


def _first(model: type[Model]) -> int:
    return model._default_manager.order_by("pk")[0].pk
