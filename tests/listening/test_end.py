"""The end: a code for those who finish, another for those who leave, nothing forgotten."""

import pytest

from listening import providers
from listening.models import Presentation, Session, Vote
from tests.listening.raters import arrived, consented, form, heard_pair, page, take_and_vote


def finish(client, study):
    for _ in range(3):
        client.post(page("vote", study), form(heard_pair(client, study)))
    return client.get(page("end", study))


def test_prolific_raters_are_sent_back_with_the_studys_code(study):
    response = finish(arrived(study, PROLIFIC_PID="p1"), study)

    code = providers.study_code(study, "complete")
    assert Session.objects.get().completion_code == code
    assert f"https://app.prolific.com/submissions/complete?cc={code}" in response.text


def test_other_raters_have_codes_of_their_own(study):
    codes = set()
    for worker in ("w1", "w2"):
        finish(arrived(study, workerId=worker, assignmentId=worker), study)
        codes.add(Session.objects.get(rater__external_id=worker).completion_code)

    assert len(codes) == 2


def test_leaving_early_has_its_own_code_and_keeps_the_votes(study):
    rater = arrived(study, PROLIFIC_PID="p1")
    rater.post(page("vote", study), form(heard_pair(rater, study)))
    heard_pair(rater, study)

    response = rater.post(page("leave", study), follow=True)

    assert "You left early" in response.text
    assert providers.study_code(study, "left") in response.text
    assert providers.study_code(study, "complete") not in response.text
    assert Vote.objects.count() == 1
    assert set(Presentation.objects.values_list("state", flat=True)) == {"voted", "released"}


def test_leaving_after_the_end_changes_nothing(study):
    rater = arrived(study)
    finish(rater, study)
    before = Session.objects.values().get()

    rater.post(page("leave", study))

    assert Session.objects.values().get() == before


@pytest.mark.parametrize("way", ["arrive", "trial"])
def test_whoever_comes_back_after_the_end_sees_the_end(study, way):
    rater = arrived(study)
    finish(rater, study)

    response = rater.get(page(way, study), follow=True)

    assert response.redirect_chain[-1][0] == page("end", study)


def test_nothing_left_offers_to_wait_or_to_end(study):
    for _ in range(4):
        session = consented(study)
        while take_and_vote(session):
            pass
    rater = arrived(study)

    response = rater.get(page("trial", study))

    assert response.status_code == 200
    assert "Nothing left to hear" in response.text
    assert "code for leaving" in rater.post(page("leave", study), follow=True).text


def test_the_rater_who_finds_nothing_left_after_voting_is_done(study):
    study.trials.exclude(pk=study.trials.first().pk).delete()
    rater = arrived(study)

    response = rater.post(page("vote", study), form(heard_pair(rater, study)), follow=True)

    assert "That was all" in response.text


def test_codes_cannot_be_read_off_the_study(study):
    assert providers.study_code(study, "complete") != providers.study_code(study, "left")
    assert study.slug not in providers.study_code(study, "complete").lower()
