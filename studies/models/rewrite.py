"""A rewrite: one text that a rewriter made of one prompt."""

from django.db import models
from django.db.models import Q

from studies.models.work import Work


class Rewrite(Work):
    """No rewriter means the text was kept as given. No seed means greedy decoding."""

    studies_path = "candidates__arm__study"
    group_fields = ("rewriter_id", "checkpoint_id")
    engine_field = "rewriter"
    needs = ("rewriter", "checkpoint")

    rewriter = models.ForeignKey("studies.EngineSpec", models.PROTECT, related_name="rewrites", null=True, blank=True)
    checkpoint = models.ForeignKey("studies.Checkpoint", models.PROTECT, related_name="rewrites", null=True, blank=True)
    source = models.TextField()
    exemplars = models.JSONField(default=list, blank=True)
    seed = models.BigIntegerField(null=True, blank=True)
    stratum = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Spread samples: which of `strata`.")
    strata = models.PositiveSmallIntegerField(null=True, blank=True)
    text = models.TextField(blank=True)

    class Meta(Work.Meta):
        constraints = [
            *Work.Meta.constraints,
            models.CheckConstraint(condition=~Q(state="done", text=""), name="rewrite_done_has_text"),
        ]
