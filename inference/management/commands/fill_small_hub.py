"""A local hub cache of small models under published names, to rehearse recipes without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Write small models of the published architectures, under their names, into a hub cache of their own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("cache", type=Path, help="an empty folder, or one that this command has made")

    def handle(self, *, cache: Path, **options: Any) -> None:
        from inference.sandbox import small_hub

        foreign = [p.name for p in cache.glob("models--*") if not ours(p)]
        if foreign:
            raise CommandError(
                f"{cache} holds models that are not ours ({', '.join(foreign[:3])}): name another folder."
            )
        for snapshot in small_hub.fill(cache):
            self.stdout.write(str(snapshot))
        self.stdout.write(f"Use it: HF_HUB_CACHE={cache.absolute()} HF_HUB_OFFLINE=1 script/demo --study published")


def ours(home: Path) -> bool:
    """Whether this command wrote that model: real ones must never be overwritten by small ones."""
    return any("fill_small_hub" in card.read_text("utf-8") for card in home.glob("snapshots/*/README.md"))
