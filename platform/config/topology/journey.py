"""A study from its prompts to its results, through the proxy, as people and scripts outside meet it. Knows no Django.

    python -m config.topology.journey draft NAME …     with AUDIONESE_URL, AUDIONESE_TOKEN, SSL_CERT_FILE
    python -m config.topology.journey conduct NAME …   launches each, votes, and says what it saw, as JSON

It goes by REST but for the rater, who goes by the pages.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import httpx
from audionese_client import Client, Study

from config.load import pages

PROMPTS = ("rain on a tin roof", "sad church music", "a slow piano", "drums for a gym")
SECONDS, VOTES = 1.0, 4
PATIENCE = 300  # seconds for the workers
FLOAT = {"dtype": "float64"}
CLAP = {"kind": "scorer", "engine": "transformers-clap", "parameters": FLOAT}
T5 = {
    "kind": "rewriter",
    "engine": "transformers-seq2seq",
    "checkpoint": "sandbox:rewriter-t5",
    "parameters": FLOAT | {"instruction": "rewrite: {prompt} =>", "keep_prompt": True, "max_new_tokens": 64},
}


def recipe(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "seconds": SECONDS,
        "evaluation_takes": 1,
        "engines": {
            "t5": T5,
            "synthesiser": {"kind": "generator", "engine": "sandbox-synthesiser"},
            "teacher": CLAP | {"checkpoint": "sandbox:clap-teacher"},
            "judge": CLAP | {"checkpoint": "sandbox:clap-judge"},
        },
        "generator": "synthesiser",
        "feedback_scorer": "teacher",
        "evaluation_scorer": "judge",
        "arms": [
            {"key": "original", "method": "original"},
            {"key": "instruct", "method": "instruct", "rewriter": "t5"},
        ],
        "listening": {
            "pairs": [["instruct", "original"]], "prompts": VOTES, "votes_per_trial": 1, "trials_per_session": VOTES
        },
    }  # fmt: skip


def draft(client: Client, name: str) -> None:
    prompts = [{"text": f"{text}, {name}"} for text in PROMPTS]
    made = client.create_prompt_set(team="topology", name=name, slug=name, prompts=prompts)
    client.create_study(team="topology", prompt_set=made["slug"], recipe=recipe(name), slug=name)


def conduct(client: Client, name: str) -> None:
    study = client.study(name).launch().wait(timeout=PATIENCE)
    voted = Rater(os.environ["AUDIONESE_URL"], name).listen()
    print(json.dumps(seen(study) | {"voted": voted}))  # noqa: T201 - its answer


def seen(study: Study) -> dict[str, Any]:
    clip = next(iter(study.clips()))
    return {
        "study": study.slug,
        "status": study.refresh().status,
        "rewrites": sum(1 for _ in study.rewrites()),
        "clips": sum(1 for _ in study.clips()),
        "scores": sum(1 for _ in study.scores()),
        "flac": study.clip(clip["id"])[:4].decode(),
        "votes": [vote["choice"] for vote in study.votes()],
        "results": {arm["arm"]: arm["clap"] for arm in study.results()["arms"]},
    }


class Rater:
    """One browser, from the link to the last vote."""

    def __init__(self, site: str, slug: str) -> None:
        self.door = f"{site}/listen/{slug}/"
        # As browsers do: a form sent by https says where it was.
        self.http = httpx.Client(base_url=site, timeout=120, headers={"Origin": site, "Referer": self.door})

    def listen(self) -> int:
        """Votes given."""
        page, votes = self._arrive(), 0
        while pages.pair(page):
            for address in pages.sounds(page):
                self.http.get(address).raise_for_status()
            began = time.monotonic()
            time.sleep(2 * SECONDS + 0.05)  # what has not been played is not heard
            form = pages.vote(page, "a", [SECONDS, SECONDS], round(1000 * (time.monotonic() - began)))
            self._post("vote/", form)
            page, votes = self._trial(), votes + 1
        return votes

    def _arrive(self) -> str:
        address = f"?PROLIFIC_PID=rater-{time.time_ns()}"
        door = self.http.get(self.door + address).raise_for_status().text
        self._post(
            address, {"csrfmiddlewaretoken": pages.csrf(door), "checksum": pages.checksum(door), "answer": "agree"}
        )
        page = self._trial()
        if not pages.pair(page):  # what is checked on the way is explained first
            self._post("counts/", {"csrfmiddlewaretoken": pages.csrf(page)})
            page = self._trial()
        return page

    def _trial(self) -> str:
        return self.http.get(f"{self.door}trial/", follow_redirects=True).text

    def _post(self, path: str, form: dict[str, str]) -> None:
        answer = self.http.post(self.door + path, data=form)
        if answer.status_code != 302:
            raise SystemExit(f"{path} was answered {answer.status_code}: {answer.text[-1500:]}")


if __name__ == "__main__":
    with Client(timeout=120) as everything:
        for study in sys.argv[2:]:
            {"draft": draft, "conduct": conduct}[sys.argv[1]](everything, study)
