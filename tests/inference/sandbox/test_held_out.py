"""Validation and test scenes stay out of every training text."""

import random
import re
from collections import Counter

from inference.sandbox import captions, rewrites
from inference.sandbox.phrases import PHRASES
from inference.sandbox.vocabulary import CUES, SCENES, cues_in, is_held_out, parse, sample_attributes, shipped_prompts


def test_every_scene_is_a_combination_of_known_cues_in_one_split():
    assert Counter(split for _, split in SCENES.values()) == {"train": 10, "validation": 8, "test": 12}
    assert len({cues for cues, _ in SCENES.values()}) == len(SCENES) == 30
    assert all(len(cues) >= 2 and cues <= set(CUES) for cues, _ in SCENES.values())


def test_a_held_out_combination_is_recognised_in_any_wording_and_order():
    assert is_held_out("sad church music")
    assert is_held_out("A cathedral, quite SORROWFUL")
    assert not is_held_out("sad music")
    assert not is_held_out("church bells in the rain")
    assert is_held_out("Victory music  for a video game")


def test_shipped_prompts_are_enough_distinct_and_split_by_scene():
    rows = shipped_prompts()
    counts = Counter((row["kind"], row["split"]) for row in rows)
    assert counts["open", "train"] >= 40
    assert counts["open", "validation"] >= 40
    assert counts["open", "test"] >= 80
    assert counts["expert", "train"] >= 40
    assert sum(n for (kind, _), n in counts.items() if kind == "expert") >= 85
    assert len({row["text"].lower() for row in rows}) == len(rows)
    assert all(SCENES[row["scene"]][1] == row["split"] for row in rows)


def test_every_open_prompt_mentions_its_scene_and_none_of_another_split():
    for row in shipped_prompts():
        cues = set(cues_in(row["text"]))
        assert row["kind"] == "expert" or SCENES[row["scene"]][0] <= cues, row
        assert {split for scene, split in SCENES.values() if scene <= cues} <= {row["split"]}, row
        assert is_held_out(row["text"]) == (row["split"] != "train"), row


def test_expert_captions_name_at_least_five_attributes():
    assert all(len(parse(row["text"])) >= 4 for row in shipped_prompts() if row["kind"] == "expert")


def test_no_training_sampler_writes_a_held_out_combination_or_prompt():
    rng = random.Random(7)
    for _ in range(3000):
        text = captions.describe(sample_attributes({}, rng), rng)
        example = rewrites.example(rng, with_exemplars=rng.random() < 0.5)
        for seen in (text, example.prompt, example.rewrite, *example.exemplars):
            assert not is_held_out(seen), seen


def test_no_training_sampler_writes_reserved_wording():
    rng = random.Random(8)
    reserved = re.compile("|".join(rf"\b{wordings[-1]}\b" for wordings in PHRASES.values()))
    for _ in range(1500):
        text = f"{captions.describe(sample_attributes({}, rng), rng)} | {rewrites.example(rng, True).rewrite}"
        assert not reserved.search(text), text
