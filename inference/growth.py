"""What a study costs as it grows: time, engine share and memory by the number of its prompts, in the sandbox."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import uuid4

import psutil

from accounts.models import Team
from inference import tasks
from inference.sandbox.captions import open_prompt, random_cues
from prompts.models import Prompt, PromptSet
from studies import actions, recipes
from studies.models import Clip, Study
from studies.progress import effort

# What grows with the prompts; fine-tuning takes the same time whatever their number.
METHODS = ("original", "instruct", "best_of_n")


@dataclass(frozen=True)
class Cost:
    """prompts and clips: how many there were. engine_share: of the time, inside engine calls. memory: the process's
    largest resident set while the study ran, in bytes."""

    prompts: int
    clips: int
    seconds: float
    engine_share: float
    memory: int


def grow(sizes: Sequence[int]) -> Iterator[Cost]:
    """The cost of a study of each size, served by this process alone, one after the other.

    A first, small one is not counted: it loads the engines. Rows stay in the database.
    Raises RuntimeError where a study does not complete.
    """
    team = Team.objects.create(name="Growth", slug=f"growth-{uuid4().hex[:8]}")
    _cost(team, 2)
    for size in sizes:
        yield _cost(team, size)


def _cost(team: Team, prompts: int) -> Cost:
    study = actions.launch(study=_study(team, prompts), by=None)
    process, most, began = psutil.Process(), 0, time.perf_counter()
    while tasks.one_batch() is not None:
        most = max(most, process.memory_info().rss)
    seconds = time.perf_counter() - began
    study.refresh_from_db()
    spent = effort(study)
    if study.status != Study.Status.COMPLETE or spent is None:
        raise RuntimeError(f"The study of {prompts} prompts is {study.status}: {study.status_reason}")
    clips = Clip.objects.filter(renderings__candidate__arm__study=study).distinct().count()
    return Cost(prompts, clips, seconds, spent.engine_seconds / seconds, most)


def _study(team: Team, prompts: int) -> Study:
    """A draft of the sandbox's recipe with as many new prompts, drawn at random: no row is shared with another."""
    rng = random.Random(uuid4().int)
    made = PromptSet.objects.create(team=team, name=f"{prompts} prompts", slug=f"prompts-{uuid4().hex[:8]}")
    texts: set[str] = set()
    while len(texts) < prompts:
        texts.add(open_prompt(random_cues(2, rng), rng, strange=1.0))
    Prompt.objects.bulk_create(
        Prompt(prompt_set=made, position=at, kind=Prompt.Kind.OPEN, split=Prompt.Split.TEST, text=text)
        for at, text in enumerate(sorted(texts), 1)
    )
    recipe = recipes.load("sandbox")
    recipe = recipe.model_copy(
        update={
            "arms": [arm for arm in recipe.arms if arm.method in METHODS],
            "listening": recipe.listening.model_copy(update={"pairs": []}),
        }
    )
    return actions.create_study(
        recipe=recipe, slug=f"growth-{uuid4().hex[:8]}", team=team, prompt_set=made, by=None, recipe_name="sandbox"
    )
