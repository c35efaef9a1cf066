"""Whether a rewriter's likelihood orders candidates as feedback does, on prompts that do not train it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from inference.engines import hygiene
from inference.engines.protocols import RewriteRequest, Sound
from inference.training.ranked import RankedPrompt
from studies import fidelity
from studies.models import Study
from studies.pipeline import candidate_seed, item_seed

Prompt = dict[str, Any]  # {"text", "seed"}: a validation prompt and its audio seed


class HeldOut:
    """The candidates are those of the rewriter before training, so that every epoch is asked about the same ones.

    prompts: the checkpoint's validation prompts. candidates: of each, the first greedy, the others sampled. They are
    rendered as often as candidates that teach are, and scored by the feedback scorer. engine_of: as of `serving`.
    """

    def __init__(self, study: Study, prompts: Sequence[Prompt], candidates: int, engine_of: Callable[..., Any]) -> None:
        self.study, self.prompts, self.candidates, self.engine_of = study, prompts, candidates, engine_of
        self.ranked: list[RankedPrompt] | None = None

    def entry(self, rewriter: Any, noise_floor: float) -> dict[str, float]:
        """Share of pairs of candidates, 0..1, that the rewriter's log-likelihood orders as feedback does, the mean over
        prompts: of whole texts, and a token. Empty where no two candidates differ. The first call samples them."""
        from inference.training.fine_tuning import ranking_accuracy

        if self.ranked is None:
            self.ranked = [self._ranked(prompt, rewriter) for prompt in self.prompts]
        usable = [each for each in self.ranked if not each.fault(noise_floor)]
        names = {"held_out_ranking": 0.0, "held_out_ranking_a_token": 1.0}
        return {name: ranking_accuracy(rewriter, usable, noise_floor, power) for name, power in names.items() if usable}

    def _ranked(self, prompt: Prompt, rewriter: Any) -> RankedPrompt:
        text, seed = prompt["text"], prompt["seed"]
        seeds = [candidate_seed(seed, 0, 0, index) for index in range(self.candidates)]
        asked = [RewriteRequest(text, seed=each, lost=partial(fidelity.lost, text)) for each in seeds]
        texts = list(dict.fromkeys(rewriter.rewrite(asked)))
        return RankedPrompt(text, (), texts, self._scores(text, texts, seed)).sorted_best_first()

    def _scores(self, text: str, texts: list[str], seed: int) -> list[float]:
        """CLAP of each text's clips with the prompt, the mean over takes: [texts]."""
        takes = [seed, *(item_seed(seed, "take", take) for take in range(1, self.study.feedback_takes))]
        asked = [(each, take) for each in texts for take in takes]
        sounds = self.engine_of(self.study.generator).generate(*map(list, zip(*asked, strict=True)), self.study.seconds)
        heard = np.array([self._heard(sound) for sound in sounds])
        scorer = self.engine_of(self.study.feedback_scorer)
        claps = scorer.embed_audio(sounds) @ scorer.embed_text([text])[0]
        return np.where(heard, claps, 0.0).reshape(len(texts), len(takes)).mean(1).tolist()

    def _heard(self, sound: Sound) -> bool:
        try:
            hygiene.check(sound, seconds=self.study.seconds)
        except hygiene.RejectedSound:
            return False
        return True
