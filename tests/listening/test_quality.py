"""Who answers by chance or by habit is found, who listens is not, and the report says why."""

import random
from collections import Counter

import pytest

from listening import answers, checks, listeners
from listening.actions.open_trials import open_trials
from listening.listeners import CROWDS
from listening.models import Question, Session
from listening.quality.evidence import GOLD, STUDY, TRAP, Answer, Evidence, Heard, evidence
from listening.quality.measures import measures, side_bias
from listening.quality.rules import verdicts
from listening.schedule import schedule
from listening.simulation import simulate
from studies.models import Clip
from tests import factories

LETTERS, CLIPS = "abcdefgh", {"preference": 2, "cmos": 2, "relevance": 1, "quality": 1, "mushra": 5, "best_worst": 4}
CROWD = {"careful": 60, "careless": 10, "random": 15, "always-a": 15}
TRIALS, SESSION = 60, 20


class World:
    """A study of `TRIALS` trials whose arms differ by .4 at most, ± .2 by prompt, in units of oracle relevance."""

    def __init__(self, kind: str, seed: int, traps: int) -> None:
        self.question, self.traps, self.chance = Question(kind=kind), traps, random.Random(seed)
        self.clips = CLIPS[kind]
        arms = [0.4 * i / max(1, self.clips - 1) - 0.2 for i in range(self.clips)]
        self.truth = [[min(1, max(0, 0.5 + arm + self.chance.gauss(0, 0.2))) for arm in arms] for _ in range(TRIALS)]

    def rater(self, session: int, kind: str) -> Evidence:
        order = schedule(SESSION, self.traps, 1, self.chance.randrange(2**40))
        pool = self.chance.sample(range(TRIALS), SESSION)
        given = [
            self.answer(number, pool.pop() if of == STUDY else 1000 + number, of, CROWDS[kind]())
            for number, of in enumerate(order)
        ]
        return Evidence(session, self.question.kind, "complete", tuple(given))

    def answer(self, number: int, trial: int, kind: str, listener: listeners.Listener) -> Answer:
        felt, treatments = list(self.truth[trial if trial < TRIALS else number]), [""] * self.clips
        if kind == TRAP:
            asks = "say-best" if self.question.kind in Question.PAIRS or number % 2 else "say-worst"
            treatments[self.chance.randrange(self.clips)] = asks
        elif kind == GOLD:
            felt, treatments[0] = [felt[0], *felt[:-1]], "degrade-4"
        places = self.chance.sample(range(self.clips), self.clips)
        heard = {
            letter: felt[i] * listeners.LEFT.get(treatments[i], 1.0) for letter, i in zip(LETTERS, places, strict=False)
        }
        done = {letter: treatments[i] for letter, i in zip(LETTERS, places, strict=False)}
        given = answers.parse(self.question, list(heard), listener.answer(self.question, heard, done, self.chance))
        clips = tuple(
            Heard(one, trial * 10 + i, given.values[one], 3.0, 3.0) for one, i in zip(LETTERS, places, strict=False)
        )
        passed = None if kind == STUDY else checks.passed(self.question, done, given.values)
        return Answer(trial, kind, given.choice, passed, 10.0, clips)


def flagged(kind: str, traps: int = 1, worlds: int = 4) -> dict[str, float]:
    """Share of each kind of rater whose votes are not used."""
    met, found = Counter(), Counter()
    for seed in range(worlds):
        world = World(kind, seed, traps)
        who = [name for name, many in CROWD.items() for _ in range(many)]
        crowd = [world.rater(session, name) for session, name in enumerate(who)]
        for name, verdict in zip(who, verdicts(crowd), strict=True):
            met[name] += 1
            found[name] += not verdict.use
    return {name: found[name] / met[name] for name in CROWD}


@pytest.mark.parametrize("kind", Question.Kind.values)
def test_chance_and_habit_are_found_and_care_is_not_accused(kind):
    rates = flagged(kind)

    assert rates["random"] >= 0.95
    assert rates["always-a"] >= 0.95
    assert rates["careful"] <= 0.02
    assert rates["careful"] < rates["careless"] < rates["random"]


@pytest.mark.parametrize("kind", Question.Kind.values)
def test_without_traps_care_is_not_accused_either(kind):
    rates = flagged(kind, traps=0, worlds=3)

    assert rates["careful"] <= 0.02
    assert rates["random"] >= 0.8
    assert rates["always-a"] >= 0.95


@pytest.fixture
def heard(db):
    """A study with an oracle in which simulated raters of every kind have listened, twenty trials each."""
    factories.same_keys()
    made = factories.study(
        prompt_set=factories.prompt_set(test=40), listening_prompts=40, trials_per_session=20, votes_per_trial=16
    )
    study = factories.bare(
        factories.complete(made, values={"original": 0.35, "instruct": 0.6}), traps_per_ten=1, gold_per_ten=1
    )
    Clip.objects.update(samples=3 * 16_000)
    open_trials(study=study)
    for name, raters in {"careful": 16, "careless": 3, "random": 5, "always-a": 4}.items():
        simulate(study=study, raters=raters, seed=1, listener=CROWDS[name](), name=f"{name}-")
    return study


def by_kind(study, verdicts_) -> dict[str, list]:
    names = dict(Session.objects.filter(study=study).values_list("pk", "rater__external_id"))
    kinds: dict[str, list] = {}
    for one in verdicts_:
        kinds.setdefault(names[one.measures.session].split("-", 2)[2].rsplit("-", 1)[0], []).append(one)
    return kinds


def test_simulated_crowds_are_told_apart_through_the_product_itself(heard, django_assert_num_queries):
    with django_assert_num_queries(2):
        crowd = evidence(heard, Session.Population.SIMULATED)
    assert {answer.kind for one in crowd for answer in one.answers} == {STUDY, TRAP, GOLD}  # practice says nothing

    found = by_kind(heard, verdicts(crowd))

    assert [one.use for one in found["careful"]] == [True] * 16
    assert sum(not one.use for one in found["random"] + found["always-a"]) >= 8
    assert all(one.pay for one in found["careful"])
    assert all(one.measures.heard == pytest.approx(1) for one in found["careful"])


def preferences(letters: str) -> Evidence:
    clips = (Heard("a", 1, 1, 3, 3), Heard("b", 2, 0, 3, 3))
    return Evidence(
        1, "preference", answers=tuple(Answer(i, STUDY, one, None, 9, clips) for i, one in enumerate(letters))
    )


def test_side_bias_is_the_exact_two_sided_binomial():
    assert side_bias(preferences("a" * 12)) == (pytest.approx(2 / 2**12), "a")
    assert side_bias(preferences("ababab")) == (1.0, "a")
    assert side_bias(Evidence(1, "quality")) == (1.0, "")


def test_a_verdict_says_what_was_found():
    against = verdicts([preferences("b" * 14)])[0].against_use

    assert [one.rule for one in against] == ["side"]
    assert "Chose B so often that luck would do it in one of 8,192 sessions" in against[0].text


def test_habits_are_not_told_from_luck_in_a_few_votes():
    assert verdicts([preferences("a" * 7)])[0].use


def test_the_same_mark_for_everything_is_found():
    same = tuple(Answer(i, STUDY, "rated", None, 9, (Heard("a", i, 75, 3, 3),)) for i in range(8))
    found = verdicts([Evidence(1, "quality", answers=same)])[0]
    assert [one.rule for one in found.against_use] == ["flat"]
    assert found.pay


@pytest.mark.parametrize(
    ("passed", "pays"),
    [
        ((True, True), True),
        ((False, True), True),
        ((False,), True),
        ((False, False), False),
        ((False, False, True), False),
        ((False, False, True, True), True),
    ],
)
def test_pay_is_refused_to_whoever_missed_most_voices_and_at_least_two(passed, pays):
    clips = (Heard("a", 1, 1, 3, 3), Heard("b", 2, 0, 3, 3))
    given = tuple(Answer(i, TRAP, "a", one, 9, clips) for i, one in enumerate(passed))
    assert verdicts([Evidence(1, "preference", answers=given)])[0].pay is pays


def test_missed_gold_costs_no_pay():
    clips = (Heard("a", 1, 1, 3, 3), Heard("b", 2, 0, 3, 3))
    given = tuple(Answer(i, GOLD, "a", False, 9, clips) for i in range(4))
    found = verdicts([Evidence(1, "preference", answers=given)])[0]
    assert found.pay and not found.use


@pytest.mark.parametrize("state", ["left", "screened", "returned", "timed_out", "active"])
def test_work_that_was_not_finished_is_not_paid_by_rule(state):
    assert [one.rule for one in verdicts([Evidence(1, "preference", state)])[0].against_pay] == ["unfinished"]


def test_agreement_is_with_the_others_and_not_with_oneself():
    alone = measures([preferences("aaaa")])[0].agreement
    assert (alone.share, alone.n, alone.chance) == (None, 0, 0.0)
