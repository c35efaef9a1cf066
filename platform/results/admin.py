"""The admin's pages about webhooks."""

from __future__ import annotations

import json
from typing import cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.timezone import localtime

from accounts.scoped import TeamScoped
from results.hooks import announce, guard
from results.hooks.deliver import again
from results.models import Delivery, Webhook

LOOKS = {"delivered": "done", "waiting": "running", "failed": "failed"}


class WebhookForm(forms.ModelForm):
    events = forms.MultipleChoiceField(
        choices=[(event, event.label if ":" in event.label else event.value) for event in Webhook.Event],
        widget=forms.CheckboxSelectMultiple,
        initial=[Webhook.Event.PAUSED, Webhook.Event.COMPLETED, Webhook.Event.VOTES],
    )

    class Meta:
        model = Webhook
        fields = ["team", "url", "study", "events", "active"]

    def clean_url(self) -> str:
        url = self.cleaned_data["url"].strip()
        guard.check(url)
        return url

    def clean(self) -> None:
        super().clean()
        team, study = self.cleaned_data.get("team") or self.instance.team_id, self.cleaned_data.get("study")
        if study and study.team_id != getattr(team, "pk", team):
            self.add_error("study", "A study of another team: choose one of this team, or none for all of them.")


@admin.register(Webhook)
class WebhookAdmin(TeamScoped):
    """Viewers see what is told to whom; the secret is shown to those who may change it."""

    teaches = "A webhook tells an address of yours what becomes of studies, so that nobody has to look: add one."
    form = WebhookForm
    list_display = ["url", "team", "about", "told_of", "active", "last"]
    list_filter = [("team", admin.RelatedOnlyFieldListFilter), "active"]
    list_select_related = ["team", "study"]
    search_fields = ["url"]
    change_form_template = "admin/results/webhook/change_form.html"

    def get_queryset(self, request):
        newest = Delivery.objects.filter(webhook=OuterRef("pk")).order_by("-pk").values("state")[:1]
        return super().get_queryset(request).annotate(newest=Subquery(newest))

    def get_fields(self, request, obj=None):
        if obj is None:
            return ["team", "url", "study", "events", "active"]
        told = (
            ["signing_secret", "deliveries_link"] if self.has_change_permission(request, obj) else ["deliveries_link"]
        )
        return ["team", "url", "study", "events", "active", *told]

    def get_readonly_fields(self, request, obj=None):
        return ["team", "signing_secret", "deliveries_link"] if obj else []

    def get_urls(self):
        own = path("<path:object_id>/test/", self.admin_site.admin_view(self.send_test), name="results_webhook_test")
        return [own, *super().get_urls()]

    def save_model(self, request, obj, form, change):
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def get_deleted_objects(self, objs, request):
        """Counts what was told instead of listing it."""
        told = Delivery.objects.filter(webhook__in=objs).count()
        lines = [f"Webhook: {obj}" for obj in objs] + [f"{told:,} deliveries"]
        locked = [str(obj) for obj in objs if not self.has_delete_permission(request, obj)]
        return lines, {"webhooks": len(objs), "deliveries": told}, set(), locked

    def send_test(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        hook = self.get_object(request, unquote(object_id))
        if not self.has_change_permission(request, hook):
            raise PermissionDenied
        delivery = announce.test(cast(Webhook, hook))
        messages.success(request, "A test is on its way. What came of it stands here; load the page again in a moment.")
        return redirect("admin:results_delivery_change", delivery.pk)

    @admin.display(description="studies")
    def about(self, hook: Webhook) -> str:
        return str(hook.study or "all")

    @admin.display(description="events")
    def told_of(self, hook: Webhook) -> str:
        return ", ".join(hook.events)

    @admin.display(description="last delivery")
    def last(self, hook) -> str:
        return _state(hook.newest) if hook.newest else "none yet"

    @admin.display(description="secret")
    def signing_secret(self, hook: Webhook) -> str:
        return format_html(
            '<code>{}</code><p class="help">Check every message with it, by a library of Standard Webhooks.</p>',
            hook.secret,
        )

    @admin.display(description="deliveries")
    def deliveries_link(self, hook: Webhook) -> str:
        where = f"{reverse('admin:results_delivery_changelist')}?webhook__id__exact={hook.pk}"
        return format_html('<a href="{}">{} so far</a>', where, hook.deliveries.count())


def _state(state: str) -> str:
    return format_html('<span class="status {}">{}</span>', LOOKS[state], Delivery.State(state).label)


@admin.register(Delivery)
class DeliveryAdmin(TeamScoped):
    """What was told, and what came of it. Nothing here is changed by hand; it can be sent again."""

    teaches = "Nothing was told to anybody yet. Add a webhook: what is told to it stands here, with what came of it."
    team_path = "webhook__team"
    list_display = ["created_at", "event", "study", "webhook", "standing", "attempts", "status", "delivered_at"]
    list_filter = ["state", "event", ("webhook", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["webhook", "study"]
    search_fields = ["webhook__url", "study__slug"]
    actions = ["send_again"]
    fields = [
        *("webhook", "event", "study", "standing", "attempts", "tried_next", "status", "answer", "error", "seconds"),
        *("created_at", "delivered_at", "uid", "told"),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    has_delete_permission = has_change_permission

    def has_again_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request)

    @admin.action(description="Send the chosen deliveries again", permissions=["again"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[Delivery]) -> None:
        mine = list(self.changeable(request, chosen))
        for delivery in mine:
            again(delivery)
        messages.success(request, f"{len(mine)} on their way again, under their old ids.")

    @admin.display(description="state", ordering="state")
    def standing(self, delivery: Delivery) -> str:
        return _state(delivery.state)

    @admin.display(description="next try")
    def tried_next(self, delivery: Delivery):
        return localize(localtime(delivery.next_at)) if delivery.state == Delivery.State.WAITING else None

    @admin.display(description="body")
    def told(self, delivery: Delivery) -> str:
        return format_html("<pre>{}</pre>", json.dumps(json.loads(delivery.body), indent=2, ensure_ascii=False))
