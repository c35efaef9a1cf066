"""What rows weigh in a study of 10,000 clips and 100,000 votes: python -m tests.results.measure_rows

In a database of its own, which is gone afterwards. Sounds are the sandbox's, as FLAC; embeddings have 512 numbers, as
those of LAION's CLAP.
"""

from __future__ import annotations

import argparse
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import numpy as np  # noqa: E402
from django.core.files.base import ContentFile  # noqa: E402
from django.core.files.storage import default_storage  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.runner import DiscoverRunner  # noqa: E402
from django.test.utils import setup_test_environment, teardown_test_environment  # noqa: E402

from inference.engines import flac  # noqa: E402
from inference.engines.protocols import Sound  # noqa: E402
from inference.sandbox.synthesiser import render  # noqa: E402
from studies.models import Clip, ClipEmbedding  # noqa: E402
from tests import factories  # noqa: E402
from tests.results import large  # noqa: E402

DIMENSIONS, SECONDS, SOUNDS = 512, 10.0, 40
RATES = (16_000, 32_000)  # Hz: AudioGen's and MusicGen's


def embed(study) -> None:
    rng = np.random.default_rng(3)
    ClipEmbedding.objects.bulk_create(
        (
            ClipEmbedding(clip_id=clip, scorer=study.evaluation_scorer, vector=rng.normal(size=DIMENSIONS).tolist())
            for clip in Clip.objects.values_list("pk", flat=True)
        ),
        batch_size=500,
    )


def keep_sounds() -> dict[int, float]:
    """Bytes of a FLAC of ten seconds, on average, by sample rate; all of them are stored."""
    means = {}
    for rate in RATES:
        encoded = [flac.encode(Sound(render({}, seed, SECONDS, rate)[0], rate)) for seed in range(SOUNDS)]
        for number, content in enumerate(encoded):
            default_storage.save(f"clips/measured/{rate}-{number}.flac", ContentFile(content))
        means[rate] = sum(map(len, encoded)) / SOUNDS
    return means


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--prompts", type=int, default=500)
    asked.add_argument("--raters", type=int, default=4_000)
    asked.add_argument("--each", type=int, default=25, help="votes of a rater")
    given = asked.parse_args()
    setup_test_environment()
    runner = DiscoverRunner(verbosity=0, interactive=False)
    old = runner.setup_databases()
    try:
        owner = factories.team(factories.user("owner"))
        study = large.million(owner, prompts=given.prompts, raters=given.raters, each=given.each)
        embed(study)
        for rate, mean in keep_sounds().items():
            print(f"FLAC, {SECONDS:.0f} s at {rate} Hz: {mean:,.0f} bytes")  # noqa: T201 - what it is for
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        call_command("row_sizes", "--least", "50", "--indexes")
    finally:
        runner.teardown_databases(old)
        teardown_test_environment()


if __name__ == "__main__":
    main()
