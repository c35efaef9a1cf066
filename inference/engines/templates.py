"""What a rewriter reads and what of its answer is kept: templates filled in one pass, answers as one clean line."""

from __future__ import annotations

import re
import unicodedata

from inference.engines.parameters import RewriterParameters
from inference.engines.protocols import RewriteRequest

_SLOT = re.compile(r"\{(prompt|exemplars)\}")


def fill(parameters: RewriterParameters, request: RewriteRequest) -> str:
    """The text the model reads: the instruction, with exemplar captions where the request brings some.

    Braces in the user's text or the exemplars are only text.
    """
    values = {"prompt": request.text, "exemplars": parameters.exemplar_separator.join(request.exemplars)}
    template = parameters.exemplar_instruction if request.exemplars else parameters.instruction
    return _SLOT.sub(lambda slot: values[slot[1]], template)


def cleaned(text: str) -> str:
    """One line without control characters, which a byte-level model may emit and no database takes."""
    return " ".join("".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text).split())
