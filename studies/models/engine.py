"""An engine as a study names it: a registry key, a checkpoint, parameters."""

from django.core.exceptions import ValidationError
from django.db import models

from inference.engines import registry
from inference.engines.protocols import EngineError


class EngineSpec(models.Model):
    """One configured engine. What work has used must not change: add another spec instead."""

    class Kind(models.TextChoices):
        REWRITER = "rewriter"
        GENERATOR = "generator"
        SCORER = "scorer"
        JUDGE = "judge", "judge (knows the truth)"

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind)
    engine = models.CharField(max_length=80, help_text="Key of the engine registry.")
    checkpoint = models.CharField(
        max_length=300, blank=True, help_text="A hub name, a folder, or sandbox:NAME for a shipped one."
    )
    revision = models.CharField(max_length=80, blank=True)
    commit = models.CharField(
        max_length=80, blank=True, editable=False, help_text="What the revision stood for when it was first loaded."
    )
    parameters = models.JSONField(default=dict, blank=True)
    licence = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["kind", "name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Parameters and kind agree with the engine's own schema, or ValidationError names the field."""
        try:
            if registry.entry(self.engine).kind != self.kind:
                raise ValidationError({"kind": f"{self.engine} is a {registry.entry(self.engine).kind}."})
        except EngineError as error:
            raise ValidationError({"engine": str(error)}) from error
        try:
            self.parameters = registry.validate(self.engine, self.parameters)
        except EngineError as error:
            raise ValidationError({"parameters": str(error)}) from error
        self._refuse_change_once_used()

    def hears_like(self, other: "EngineSpec") -> bool:
        """The same weights, though perhaps under another name or in other batches."""
        mine, theirs = ((s.engine, s.checkpoint, s.commit or s.revision) for s in (self, other))
        return self.pk == other.pk or mine == theirs

    def _refuse_change_once_used(self) -> None:
        before = EngineSpec.objects.filter(pk=self.pk).first()
        content = ("engine", "checkpoint", "revision", "parameters", "kind")
        if before and before.used and any(getattr(self, f) != getattr(before, f) for f in content):
            raise ValidationError("Work was made with this engine: add a new spec rather than change this one.")

    @property
    def used(self) -> bool:
        return any(
            getattr(self, related).exists()
            for related in ("rewrites", "clips", "scores", "text_embeddings", "checkpoints")
        )
