"""A study as large as people make them, written in bulk: for query counts, and for measuring pages."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import numpy as np
from django.db import connection
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone

from accounts.models import ConsentText, Rater
from listening.actions.open_trials import open_trials
from listening.models import Playback, Presentation, Session, Stimulus, Trial, Vote
from results.tabs import TABS
from studies.models import Arm, Candidate, Clip, Rendering, Rewrite, Score, Study, TextEmbedding
from studies.models.work import identity_of
from tests import factories

ARMS = ("original", "instruct", "instruct_icl", "instruct_feedback", "best_of_n")
QUALITY = dict(zip(ARMS, (0.0, 0.4, 0.6, 1.0, 0.7), strict=True))


def study(
    owner=None, *, prompts: int = 100, takes: int = 4, votes: int = 20_000, raters: int = 1_000, scored: bool = True
) -> Study:
    """5 arms × prompts × takes clips; votes of people spread over four pairs; complete."""
    made = factories.study(
        owner,
        arms=ARMS,
        prompt_set=factories.prompt_set(owner, test=prompts),
        listening_pairs=[[arm, "original"] for arm in ARMS[1:]],
        listening_prompts=prompts,
        evaluation_takes=takes,
        votes_per_trial=max(1, votes // (4 * prompts)),
    )
    _evaluate(made, takes, scored)
    made.status, made.launched_at, made.finished_at = "complete", timezone.now(), timezone.now()
    made.save()
    open_trials(study=made)
    _vote(made, votes, raters)
    return Study.objects.get(pk=made.pk)


def _many(model: type[Model]) -> Callable[..., list]:
    """PostgreSQL takes 65,535 values at once."""
    return partial(model._default_manager.bulk_create, batch_size=1_000)


def _evaluate(made: Study, takes: int, scored: bool) -> None:
    rng, now = np.random.default_rng(1), timezone.now()
    arms, prompts = list(made.arms.all()), list(made.prompt_set.prompts.filter(split="test"))
    cells = list(itertools.product(arms, prompts))
    texts = {
        (arm.pk, p.pk): p.text if arm.method == "original" else f"{p.text}, {arm.key} slow piano" for arm, p in cells
    }
    rewrites = _many(Rewrite)(
        Rewrite(identity=identity_of(a=arm.pk, p=p.pk), rewriter=arm.rewriter, source=p.text, text=texts[arm.pk, p.pk],
                state="done", seconds=0.1, worker="here", finished_at=now)
        for arm, p in cells
    )  # fmt: skip
    candidates = _many(Candidate)(
        Candidate(arm=arm, prompt=p, purpose="evaluate", rewrite=rewrite)
        for (arm, p), rewrite in zip(cells, rewrites, strict=True)
    )
    # One sound an arm is enough: only different ones can be compared.
    sound = {arm.pk: factories.finished_clip(made.generator, f"tone {arm.pk}", arm.pk).audio.name for arm in arms}
    clips = _many(Clip)(
        Clip(identity=identity_of(c=candidate.pk, t=take), generator=made.generator, text=texts[cell[0].pk, cell[1].pk],
             seed=take, duration=1.0, state="done", sample_rate=16_000, samples=16_000, loudness=-20, true_peak=-13,
             audio=sound[cell[0].pk], seconds=0.5, worker="here", finished_at=now)
        for cell, candidate in zip(cells, candidates, strict=True)
        for take in range(takes)
    )  # fmt: skip
    owners = [(cell, candidate) for cell, candidate in zip(cells, candidates, strict=True) for _ in range(takes)]
    _many(Rendering)(
        Rendering(candidate=candidate, clip=clip, take=at % takes)
        for at, ((_, candidate), clip) in enumerate(zip(owners, clips, strict=True))
    )
    if not scored:
        return
    scorers = (made.feedback_scorer, made.evaluation_scorer, made.oracle)
    _many(Score)(
        Score(identity=identity_of(c=clip.pk, s=scorer.pk, r=reference), clip=clip, scorer=scorer, reference=reference,
              state="done", value=0.3 + 0.1 * QUALITY[arm.key] + float(rng.normal(0, 0.05)), finished_at=now)
        for ((arm, prompt), _), clip in zip(owners, clips, strict=True)
        for scorer in scorers
        for reference in {prompt.text, texts[arm.pk, prompt.pk]}
    )  # fmt: skip
    _many(TextEmbedding)(
        TextEmbedding(identity=identity_of(t=text, s=made.evaluation_scorer_id), scorer=made.evaluation_scorer,
                      text=text, state="done", vector=rng.normal(size=64).tolist(), finished_at=now)
        for text in {*texts.values(), *(p.text for p in prompts)}
    )  # fmt: skip


def _vote(made: Study, votes: int, raters: int) -> None:
    rng, began = np.random.default_rng(2), timezone.now() - timedelta(days=1)
    consent, _ = ConsentText.objects.get_or_create(checksum="c" * 64, defaults={"text": "Yes."})
    people = _many(Rater)(Rater(provider="open", external_id=f"large-{made.pk}-{n}") for n in range(raters))
    question = made.listening_questions.get()
    sessions = _many(Session)(
        Session(study=made, rater=rater, question=question, consent=consent, started_at=began, last_seen_at=began)
        for rater in people
    )
    trials = list(Trial.objects.filter(study=made, kind="study"))
    stimuli: dict[int, list[Stimulus]] = {}
    for one in Stimulus.objects.filter(trial__study=made).select_related("arm").order_by("position"):
        stimuli.setdefault(one.trial_id, []).append(one)
    cells = [(session, trials[(n * 7 + k) % len(trials)]) for n, session in enumerate(sessions)
             for k in range(-(-votes // raters))][:votes]  # fmt: skip
    shown = _many(Presentation)(
        Presentation(session=session, trial=trial, state="voted", claimed_at=began, leased_until=began, shown_at=began,
                     first_served_at=began)
        for session, trial in cells
    )  # fmt: skip
    first = [bool(each) for each in rng.random(len(shown)) < 0.7]
    winners: list[Arm] = []
    playbacks = []
    for one, better in zip(shown, first, strict=True):
        pair = sorted(stimuli[one.trial_id], key=lambda s: -QUALITY[s.arm.key if s.arm else ""])
        winners.append(pair[0 if better else 1].arm)
        playbacks += [
            Playback(presentation=one, stimulus=stimulus, letter=letter, served=9, heard=1.0, value=float(won))
            for letter, stimulus, won in zip("ab", pair, (better, not better), strict=True)
        ]
    _many(Playback)(playbacks)
    _many(Vote)(
        Vote(presentation=one, choice="a" if better else "b", winner=winner, response_ms=8_000 + at % 5_000,
             created_at=began + timedelta(seconds=at))
        for at, (one, better, winner) in enumerate(zip(shown, first, winners, strict=True))
    )  # fmt: skip


def pages(study: Study) -> dict[str, str]:
    """Addresses of what a researcher looks at, by name."""
    found = {name: reverse(f"results:{name}") for name in ("studies", "workers", "plan")}
    found |= {f"tab {name}": reverse("results:tab", args=[study.slug, name]) for name in TABS}
    found["watch"] = reverse("results:watch", args=[study.slug])
    for name, args in {
        "studies_study_changelist": [],
        "studies_study_change": [study.pk],
        "studies_clip_changelist": [],
        "prompts_promptset_changelist": [],
        "listening_listeningtest_change": [study.listening_test.pk],
        "listening_raters": [study.listening_test.pk],
        "listening_vote_changelist": [],
    }.items():
        found[f"admin {name}"] = reverse(f"admin:{name}", args=args)
    return found


def million(owner=None, *, prompts: int = 5_000, takes: int = 4, raters: int = 20_000, each: int = 50) -> Study:
    """As `study`, unscored, with raters × each votes that PostgreSQL writes by itself: minutes, and not hours."""
    made = study(owner, prompts=prompts, takes=takes, votes=0, raters=raters, scored=False)
    with connection.cursor() as cursor:
        cursor.execute(_SHOWN, {"study": made.pk, "each": each})
        cursor.execute(_PLAYED, {"study": made.pk})
        cursor.execute(_VOTED, {"study": made.pk})
        cursor.execute("VACUUM ANALYZE")
    return made


_SHOWN = """
WITH s AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM listening_session WHERE study_id = %(study)s),
     t AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM listening_trial
           WHERE study_id = %(study)s AND kind = 'study'),
     size AS (SELECT count(*) AS t FROM t)
INSERT INTO listening_presentation
    (session_id, trial_id, population, token, state, claimed_at, leased_until, shown_at, first_served_at)
SELECT s.id, t.id, 'people', md5('p' || s.n || '-' || k), 'voted', now(), now(), now(), now()
FROM s CROSS JOIN generate_series(0, %(each)s - 1) AS k CROSS JOIN size JOIN t ON t.n = (s.n * 7 + k * 401) %% size.t
"""
_PLAYED = """
INSERT INTO listening_playback (presentation_id, stimulus_id, letter, token, served, heard, value)
SELECT p.id, i.id, chr(97 + i.position), md5('b' || p.id || '-' || i.position), 9, 1.0,
       CASE WHEN (p.id %% 10 < 7) = (i.position = 0) THEN 1.0 ELSE 0.0 END
FROM listening_presentation p JOIN listening_trial t ON t.id = p.trial_id AND t.study_id = %(study)s
JOIN listening_stimulus i ON i.trial_id = t.id
"""
_VOTED = """
INSERT INTO listening_vote (presentation_id, choice, winner_id, response_ms, created_at)
SELECT p.id, b.letter, i.arm_id, 8000 + p.id %% 5000, now() + p.id * interval '1 millisecond'
FROM listening_presentation p JOIN listening_trial t ON t.id = p.trial_id AND t.study_id = %(study)s
JOIN listening_playback b ON b.presentation_id = p.id AND b.value = 1.0
JOIN listening_stimulus i ON i.id = b.stimulus_id
"""
