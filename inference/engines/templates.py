"""Fills a prompt template in one pass, so that braces in a user's text are only text."""

from __future__ import annotations

import re

from inference.engines.parameters import RewriterParameters
from inference.engines.protocols import RewriteRequest

_SLOT = re.compile(r"\{(prompt|exemplars)\}")


def fill(parameters: RewriterParameters, request: RewriteRequest) -> str:
    """The text the model reads: the instruction, with exemplar captions where the request brings some."""
    values = {"prompt": request.text, "exemplars": parameters.exemplar_separator.join(request.exemplars)}
    template = parameters.exemplar_instruction if request.exemplars else parameters.instruction
    return _SLOT.sub(lambda slot: values[slot[1]], template)
