"""Decisions about sessions: logged with reasons, reversible, never silent; what is not used gives its places free."""

import pytest

from listening import payment, query, topup
from listening.actions.decide import apply_rules, decide
from listening.actions.end_session import leave
from listening.actions.take_trial import take_trial
from listening.models import Decision, Session, Trial
from listening.quality.rules import Finding
from tests import factories
from tests.listening.raters import NOW, consented, take_and_vote

WHY = [Finding("hand", "Said so in an e-mail.")]


def finished(study, name: str = "") -> Session:
    session = consented(study, name=name)
    while take_and_vote(session):
        pass
    session.refresh_from_db()
    return session


def counted(study) -> list[int]:
    return list(study.trials.order_by("pk").values_list("votes_people", flat=True))


def test_votes_that_are_not_used_give_their_places_free(study):
    study.trials.update(votes_needed=1)
    session = finished(study)
    assert (len(query.votes(study)), sum(counted(study))) == (3, 3)

    decide(session=session, about="use", value=False, reasons=WHY)

    assert (len(query.votes(study)), sum(counted(study))) == (0, 0)
    assert take_trial(session=consented(study), now=NOW) is not None


def test_a_decision_is_taken_back_by_another(study):
    session, by = finished(study), factories.user()
    decide(session=session, about="use", value=False, reasons=WHY)
    decide(session=session, about="use", value=True, reasons=[Finding("hand", "It was our fault.")], by=by)

    session.refresh_from_db()
    assert session.used and sum(counted(study)) == 3
    log = list(session.decisions.values_list("about", "value", "by", "reasons"))
    assert log == [
        ("use", False, None, [{"rule": "hand", "text": "Said so in an e-mail."}]),
        ("use", True, by.pk, [{"rule": "hand", "text": "It was our fault."}]),
    ]


def test_pay_and_use_are_decided_separately(study):
    session = finished(study)
    decide(session=session, about="pay", value=True, reasons=WHY)
    decide(session=session, about="use", value=False, reasons=WHY)

    session.refresh_from_db()
    assert (session.payable, session.used) == (True, False)


def test_the_rules_decide_once_and_say_why(study):
    finished(study)
    early = consented(study)
    take_and_vote(early)
    leave(session=early, now=NOW)

    assert apply_rules(study=study) == 2
    assert apply_rules(study=study) == 0

    paid = dict(Session.objects.values_list("state", "payable"))
    assert paid == {"complete": True, "left": False}
    assert Decision.objects.get(value=False).reasons == [{"rule": "unfinished", "text": "Left early."}]
    assert not Decision.objects.filter(about="use").exists()  # used until something speaks against it


def test_the_rules_do_not_overrule_people(study):
    session = finished(study)
    decide(session=session, about="pay", value=False, reasons=WHY, by=factories.user())

    apply_rules(study=study)

    session.refresh_from_db()
    assert session.payable is False


def test_who_is_still_at_work_is_not_judged(study):
    take_and_vote(consented(study))

    assert apply_rules(study=study) == 0


def test_the_top_up_list_says_what_lacks_and_how_many_raters_fill_it(study):
    [all_] = topup.missing(study)
    assert (len(all_.trials), all_.votes, all_.raters) == (4, 8, 3)  # three trials a session

    first = finished(study)
    [rest] = topup.missing(study)
    assert (rest.votes, rest.raters) == (5, 2)
    finished(study), finished(study)
    assert topup.missing(study) == []

    decide(session=first, about="use", value=False, reasons=WHY)
    assert [one.votes for one in topup.missing(study)] == [3]


def test_a_study_that_wants_so_many_votes_in_all_lacks_no_more(study):
    factories.bare(study, votes_wanted=5)
    study.refresh_from_db()
    [all_] = topup.missing(study)
    assert (len(all_.trials), all_.votes, all_.raters) == (4, 5, 2)

    finished(study), finished(study)

    assert topup.missing(study) == []
    assert query.progress(study)[1:3] == (5, 5)


def test_a_trial_that_lacks_three_votes_needs_three_raters(study):
    study.trials.exclude(pk=study.trials.first().pk).delete()
    Trial.objects.update(votes_needed=3)

    assert [one.raters for one in topup.missing(study)] == [3]


def test_the_payment_list_knows_the_provider_and_quotes_formulas(study):
    session = finished(study, name="=cmd")
    Session.objects.filter(pk=session.pk).update(reward="2.50", currency="EUR", arrival={"STUDY_ID": "s1"})
    decide(session=session, about="pay", value=True, reasons=WHY)

    table = payment.as_csv(payment.row(one) for one in payment.sessions(study))

    header, line = table.splitlines()
    assert header.startswith("provider,id,visit,state,code")
    assert line.startswith(f"prolific,'=cmd,STUDY_ID=s1,complete,{session.completion_code},")
    assert ",yes,2.50,EUR,," in line and line.endswith("Said so in an e-mail.")


@pytest.mark.parametrize("payable", [None, False])
def test_what_is_not_payable_has_no_amount(study, payable):
    session = finished(study)
    Session.objects.filter(pk=session.pk).update(reward="2.50", payable=payable)

    assert payment.row(payment.sessions(study).get())[7] == ""
