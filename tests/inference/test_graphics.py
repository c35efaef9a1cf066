"""GPU workers refuse to start in a shape that would waste the card."""

import os
import subprocess
import sys

import pytest

from inference.graphics import fault


@pytest.mark.parametrize(
    ("concurrency", "prefetch", "cards", "said"),
    [
        (2, 1, 1, "AUDIONESE_WORKER_PROCESSES=1"),
        (1, 4, 1, "--prefetch-multiplier 1, not 4"),
        (1, 0, 1, "--prefetch-multiplier 1, not 0"),
        (1, 1, 0, "no graphics card"),
    ],
)
def test_it_says_what_is_wrong_and_what_to_set(concurrency, prefetch, cards, said):
    assert said in fault(concurrency, prefetch, cards)


def test_one_process_one_message_and_a_card_are_right():
    assert fault(1, 1, 1) == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--concurrency", "2"], "A GPU worker needs --concurrency 1, not 2"),
        (["--autoscale", "3,1"], "A GPU worker needs --concurrency 1, not 3"),
        (["--concurrency", "1", "--prefetch-multiplier", "4"], "A GPU worker needs --prefetch-multiplier 1, not 4"),
    ],
)
def test_a_real_worker_ends_with_that_sentence(tmp_path, options, said):
    done = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "config", "worker", *options],
        env={
            **os.environ,
            "AUDIONESE_GPU_WORKER": "1",
            "AUDIONESE_DATA": str(tmp_path),
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",  # it does not come so far
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert said in done.stderr
