"""A set that results rest on does not change: whoever wants other prompts begins its next version."""

from __future__ import annotations

import logging
import re

from django.db import transaction

from accounts.models import User
from prompts.errors import PromptError
from prompts.models import Prompt, PromptSet

log = logging.getLogger(__name__)


@transaction.atomic
def new_version(*, by: User, prompt_set: PromptSet) -> PromptSet:
    """A copy of the set with all of its prompts, one version on and not frozen.

    Raises PromptError where the set has a later version already: versions stand in one line.
    """
    prompt_set = PromptSet.objects.select_for_update().get(pk=prompt_set.pk)
    if later := PromptSet.objects.filter(previous=prompt_set).first():
        raise PromptError({"version": [f"There is a later one already: {later}. Begin from there."]})
    made = PromptSet.objects.create(
        team=prompt_set.team,
        name=prompt_set.name,
        slug=_slug(prompt_set),
        description=prompt_set.description,
        language=prompt_set.language,
        licence=prompt_set.licence,
        version=prompt_set.version + 1,
        previous=prompt_set,
    )
    prompts = list(prompt_set.prompts.order_by("position"))
    for prompt in prompts:
        prompt.pk, prompt.prompt_set = None, made
    Prompt.objects.bulk_create(prompts, batch_size=1_000)
    log.info("%s begun with %s prompts by %s.", made.slug, len(prompts), f"user {by.pk}" if by else "a command")
    return made


def _slug(prompt_set: PromptSet) -> str:
    """The address with the version behind it; another number where somebody else has that."""
    base = re.sub(r"-v\d+$", "", prompt_set.slug)[:70]
    number = prompt_set.version + 1
    while PromptSet.objects.filter(slug=f"{base}-v{number}").exists():
        number += 1
    return f"{base}-v{number}"
