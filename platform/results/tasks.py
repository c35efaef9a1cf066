"""What is told to others without anybody asking. Celery shells: each calls one action."""

from celery import shared_task

from results.hooks import announce
from results.hooks.deliver import deliver as send


@shared_task(name="results.tasks.deliver", ignore_result=True)
def deliver() -> None:
    """Sends the webhooks that are due."""
    send()


@shared_task(name="results.tasks.votes_complete", ignore_result=True)
def votes_complete() -> None:
    announce.votes_complete()


@shared_task(name="results.tasks.look_ahead", ignore_result=True)
def look_ahead() -> None:
    """What pages show is computed before somebody opens them."""
    from results.ahead import compute_ahead  # with all that draws: not for every worker that starts

    compute_ahead()
