"""What other rooms read."""

from datetime import timedelta

from listening import query
from listening.actions.take_trial import take_trial
from tests.listening.raters import NOW, answer, consented, serve, take_and_vote


def test_votes_are_flat_rows_that_name_the_winner(study):
    stored = take_and_vote(consented(study), "a")
    tied = take_and_vote(consented(study), "tie")

    rows = query.votes(study)

    assert [row.winner for row in rows] == [stored.winner.key, "tie"]
    assert {(row.arm_a, row.arm_b) for row in rows} == {("original", "instruct")}
    assert rows[0].prompt == stored.presentation.trial.prompt_id
    assert rows[1].rater == tied.presentation.session.rater_id
    assert (rows[0].response_ms, rows[0].created_at, rows[0].simulated) == (4000, stored.created_at, False)


def test_people_and_simulated_raters_can_be_told_apart(study):
    take_and_vote(consented(study))
    take_and_vote(consented(study, simulated=True))

    assert [row.simulated for row in query.votes(study)] == [False, True]
    assert [row.simulated for row in query.votes(study, simulated=True)] == [True]
    assert [row.simulated for row in query.votes(study, simulated=False)] == [False]


def test_surplus_votes_are_not_among_them(study):
    study.trials.exclude(pk=study.trials.first().pk).delete()
    study.trials.update(votes_needed=1)
    late = take_trial(session=consented(study), now=NOW)
    serve(late)
    counted = take_and_vote(consented(study), now=NOW + timedelta(hours=1))
    answer(late, now=NOW + timedelta(hours=1))

    assert [row.rater for row in query.votes(study)] == [counted.presentation.session.rater_id]


def test_progress_counts_one_population(study):
    take_and_vote(consented(study))
    take_and_vote(consented(study, simulated=True))

    assert query.progress(study) == (4, 8, 1, 1)
    assert query.progress(study, simulated=True) == (4, 8, 1, 1)
