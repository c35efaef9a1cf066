"""The demo's prompts: the shipped ones, or one's own."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.utils.text import slugify
from rich.console import Console

from accounts.models import Team, User
from config.processes import StartError
from prompts.actions import import_prompts
from prompts.errors import ImportRefusedError, PromptError
from prompts.models import Prompt, PromptSet
from prompts.reading import Reading, read_prompts

SHIPPED = settings.ROOT / "inference" / "sandbox" / "data" / "open_prompts.csv"


def prompt_set_of(path: Path | None, *, keep_good: bool, team: Team, by: User, console: Console) -> PromptSet:
    """The prompt set of that file, imported unless it is there. Raises StartError after showing each line's fault."""
    content = _content(path or SHIPPED)
    name = (path or SHIPPED).stem
    slug = f"{slugify(name)[:60]}-{hashlib.sha256(content).hexdigest()[:6]}"
    found = PromptSet.objects.filter(slug=slug).first()
    if found:
        return found
    reading = read_prompts(content, name=(path or SHIPPED).name)
    for fault in reading.faults:
        console.print(f"{name}: {fault}", style="yellow", markup=False)
    prompt_set = PromptSet(team=team, slug=slug, name=name.replace("_", " ").capitalize())
    if path is None:
        prompt_set.licence, prompt_set.description = "Apache-2.0", "The sandbox's own prompts; see their data card."
    try:
        prompt_set = import_prompts(by=by, prompt_set=prompt_set, reading=reading, keep_good=keep_good).prompt_set
    except ImportRefusedError as error:
        good = f", or add --keep-good to import the {error.keepable} good ones" if error.keepable else ""
        raise StartError(f"Nothing was imported from {path}: mend the lines above{good}.") from error
    except PromptError as error:
        raise StartError(f"Nothing was imported from {path}: {error}") from error
    if path is not None:
        _lend_training(prompt_set, by, console)
    return prompt_set


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StartError(f"Could not read {path}: {error.strerror}.") from error


def _lend_training(prompt_set: PromptSet, by: User, console: Console) -> None:
    """Prompts without a training split are evaluated after training on the shipped ones."""
    if prompt_set.prompts.filter(split=Prompt.Split.TRAIN).exists():
        return
    shipped: Reading = read_prompts(SHIPPED.read_bytes())
    train = replace(shipped, rows=tuple(row for row in shipped.rows if row.split == Prompt.Split.TRAIN))
    lent = import_prompts(by=by, prompt_set=prompt_set, reading=train, keep_good=True)
    console.print(
        f"{prompt_set.name} has no training split: {lent.added} of the shipped prompts train and serve as exemplars, "
        "yours are evaluated. Add the columns split and kind to use your own.",
        style="dim",
    )
