"""What this machine can run: every engine's packages, and a self-test of those that a recipe or the database names."""

from __future__ import annotations

import time
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from inference.engines import memory, registry
from inference.engines.protocols import EngineError
from studies import recipes
from studies.errors import StudyError
from studies.models import EngineSpec

Found = tuple[str, str, str]  # name, engine, outcome


class Command(BaseCommand):
    help = "Tell which engines this machine can run, and run the self-test of each that is configured."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--recipe", help="test the engines of this recipe instead of those in the database")
        parser.add_argument("--packages-only", action="store_true", help="load no model")

    def handle(self, *, recipe: str | None, packages_only: bool, **options: Any) -> None:
        console = Console(file=cast(IO[str], self.stdout), width=None if self.stdout.isatty() else 160)
        console.print(packages())
        if packages_only:
            return
        table, failed = Table("engine", "runs as", "self-test", title="Self-tests"), []
        for name, engine, settings in configured(recipe):
            with console.status(name):
                outcome, good = tested(engine, settings)
            table.add_row(escape(name), engine, ("" if good else "[red]") + escape(outcome))
            if not good:
                failed.append(name)
        console.print(table if table.row_count else "No engine is configured yet: run a demo, or name a --recipe.")
        if failed:
            raise CommandError(f"Not usable here: {', '.join(failed)}.")


def packages() -> Table:
    """Every engine of the registry, and what it lacks here."""
    table = Table("engine", "kind", "here", title="Engines")
    for name, entry in registry.ENGINES.items():
        lacking = registry.lacking(name)
        table.add_row(name, entry.kind, f"[yellow]lacks {', '.join(lacking)}" if lacking else "[green]yes")
    return table


def configured(recipe: str | None) -> list[tuple[str, str, dict[str, Any]]]:
    """(name, engine, what to load) of a recipe's engines, or of all in the database."""
    if recipe is None:
        specs: list[Any] = list(EngineSpec.objects.all())
    else:
        try:
            specs = list(recipes.load(recipe).engines.values())
        except StudyError as error:
            raise CommandError(
                "; ".join(f"{field}: {' '.join(texts)}" for field, texts in error.messages.items())
            ) from error
    return [
        (s.name, s.engine, {"checkpoint": s.checkpoint, "revision": s.revision, "values": s.parameters}) for s in specs
    ]


def tested(engine: str, settings: dict[str, Any]) -> tuple[str, bool]:
    """(what came of loading and examining it, whether it may be used)."""
    from inference import serving
    from inference.engines import self_test

    if lacking := registry.lacking(engine):
        return f"lacks {', '.join(lacking)}", False
    begun = time.monotonic()
    try:
        loaded = registry.load(engine, **settings)
        if registry.entry(engine).stored:
            loaded.load_weights(serving.stored_weights(settings["checkpoint"]))
        shown = self_test.examine(registry.entry(engine).kind, loaded)
    except EngineError as error:
        return str(error), False
    size = memory.weight(loaded) / 1e6
    return f"{shown}; {size:,.0f} MB of weights, {time.monotonic() - begun:.1f} s", True
