"""Who may rate: panels, languages, earlier studies, attention, and studies that are closed."""

import pytest
from django.utils import timezone

from listening.actions.open_trials import open_trials
from listening.eligibility import (
    ChecksMissed,
    NoPartBefore,
    OtherLanguage,
    PanelsOnly,
    TookPartBefore,
    open_to,
    refusal,
    same_language,
)
from listening.errors import Closed
from listening.models import ListeningTest, Session, Trial, Vote
from tests import factories
from tests.accounts.panels import member, panel
from tests.listening.raters import consented, take_and_vote


@pytest.fixture
def test(study) -> ListeningTest:
    return study.listening_test


def another_study():
    made = factories.complete(factories.study(votes_per_trial=2))
    open_trials(study=made)
    return made


def checked(rater, *passed: bool) -> None:
    """An earlier study, with these results of its attention checks."""
    session = consented(another_study(), rater.external_id)
    Session.objects.filter(pk=session.pk).update(rater=rater)
    for result in passed:
        vote = take_and_vote(Session.objects.get(pk=session.pk))
        Vote.objects.filter(pk=vote.pk).update(passed=result, winner=None)


def test_without_conditions_anybody_may_rate(test):
    assert refusal(test, None, "en") is None


def test_of_a_test_for_panels_only_their_members_may_rate(test):
    chosen, other = panel(), panel()
    test.panels.add(chosen)

    assert refusal(test, member(chosen).rater, "en") is None
    for stranger in (None, member(other, "ben@example.org").rater):
        assert isinstance(refusal(test, stranger, "en"), PanelsOnly)


@pytest.mark.parametrize(
    ("asked", "spoken", "may"),
    [(["de"], "de", True), (["de"], "de-at", True), (["de-at"], "de", True), (["de", "fr"], "fr", True),
     (["de"], "da", False), (["de-at"], "de-ch", False), (["pt-br"], "en", False), (["de"], "", False), ([], "", True)],
)  # fmt: skip
def test_the_language_is_asked_for(test, asked, spoken, may):
    test.languages = asked

    assert (refusal(test, None, spoken) is None) == may


def test_the_refusal_names_the_languages_as_their_speakers_do(test):
    test.languages = ["de", "fr", "tlh"]

    error = refusal(test, None, "en")
    assert isinstance(error, OtherLanguage)
    assert "Deutsch, français, tlh" in str(error.message)


def test_a_prefix_of_letters_is_not_the_same_language():
    assert not same_language("d", "de") and not same_language("fil", "fi") and same_language("FI", "fi")


def test_whoever_took_part_in_an_excluded_study_is_turned_away(test):
    earlier = another_study()
    test.not_after.add(earlier)

    assert isinstance(refusal(test, consented(earlier).rater, "en"), TookPartBefore)
    assert refusal(test, consented(another_study()).rater, "en") is None
    assert refusal(test, None, "en") is None


def test_a_test_that_follows_another_takes_only_whoever_completed_that(test):
    earlier = another_study()
    test.only_after.add(earlier)
    completed, left, elsewhere = consented(earlier), consented(earlier), consented(another_study())
    Session.objects.filter(pk__in=[completed.pk, elsewhere.pk]).update(
        state="complete", finished_at=timezone.now(), completion_code="code"
    )

    assert refusal(test, completed.rater, "en") is None
    for stranger in (left.rater, elsewhere.rater, None):
        assert isinstance(refusal(test, stranger, "en"), NoPartBefore)


def test_attention_in_earlier_studies_counts_where_there_was_any(test):
    test.least_quality = 0.6
    good, bad, new = (member(panel(), f"{name}@example.org").rater for name in ("good", "bad", "new"))
    checked(good, True, True, False)
    checked(bad, True, False)
    checked(new)

    assert refusal(test, good, "en") is None
    assert isinstance(refusal(test, bad, "en"), ChecksMissed)
    assert refusal(test, new, "en") is None
    assert refusal(test, None, "en") is None


def test_a_closed_test_takes_nobody_new_and_lets_others_finish(test):
    begun = consented(test.study)
    test.closed, test.languages, test.least_quality = True, ["de"], 1.0

    assert isinstance(refusal(test, None, "de"), Closed)
    assert refusal(test, begun.rater, "en") is None


def test_every_refusal_is_a_kind_page(study, settings, client):
    for error in (PanelsOnly(), TookPartBefore(), NoPartBefore(), ChecksMissed(), OtherLanguage(["de"])):
        assert error.status == 403 and not error.way_on
        assert str(error.title) and str(error.message).endswith(".")


def test_members_find_the_studies_that_their_panels_are_chosen_for(test):
    mine = panel()
    anna = member(mine)
    assert open_to(anna) == []  # open to everybody, but nobody asked this panel

    test.panels.add(mine, panel())
    assert open_to(anna) == [test.study]
    assert open_to(member(panel(), "ben@example.org")) == []


@pytest.mark.parametrize(
    "change",
    [{"closed": True}, {"languages": ["de"]}, {"votes_wanted": 0}],
    ids=["closed", "another language", "all votes there"],
)
def test_a_study_that_would_turn_them_away_is_not_offered(test, change):
    mine = panel()
    test.panels.add(mine)
    ListeningTest.objects.update(**change)

    assert open_to(member(mine), "en") == []


def test_the_language_of_the_account_goes_before_that_of_the_browser(test):
    mine = panel()
    test.panels.add(mine)
    ListeningTest.objects.update(languages=["de"])

    assert open_to(member(mine, language="de"), "en") == [test.study]
    assert open_to(member(mine, "ben@example.org", language="fr"), "de") == []


def test_a_study_that_has_its_votes_or_is_not_complete_is_not_offered(test):
    mine = panel()
    test.panels.add(mine)
    anna = member(mine)
    Trial.objects.update(votes_people=2)
    assert open_to(anna) == []

    Trial.objects.filter(pk=Trial.objects.first().pk).update(votes_people=1)
    assert open_to(anna) == [test.study]
    type(test.study).objects.update(status="cancelled")
    assert open_to(anna) == []


def test_a_study_that_was_begun_is_no_longer_offered_as_new(test):
    mine = panel()
    test.panels.add(mine)
    anna = member(mine)
    Session.objects.filter(pk=consented(test.study, now=timezone.now()).pk).update(rater=anna.rater)

    assert open_to(anna) == []
