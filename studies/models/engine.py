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
        """The same weights, though perhaps under another name, in other batches, or as a part of one of them."""
        return self.pk == other.pk or bool(self._ears() & other._ears())

    def _ears(self) -> set[tuple[str, str, str]]:
        """Whatever listens in it: itself, and the scorers that it is made of."""
        parts = self.parameters.get("scorers", []) if isinstance(self.parameters, dict) else []
        within = {(one["engine"], one.get("checkpoint", ""), one.get("revision", "")) for one in parts}
        return within | {(self.engine, self.checkpoint, self.commit or self.revision)}

    @property
    def learned_from_votes(self) -> bool:
        return self.engine == "study-judge"

    @property
    def hears_words(self) -> bool:
        """Whether what a scorer says depends on the text; predictors of quality do not listen to it."""
        parts = self.parameters.get("scorers", []) if isinstance(self.parameters, dict) else []
        engines = [self.engine] if self.engine != "composite" else [one["engine"] for one in parts]
        return any(name not in registry.ENGINES or registry.ENGINES[name].words for name in engines)

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
