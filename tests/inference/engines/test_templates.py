"""Templates: a user's braces are only text, and a template must say where the prompt goes."""

from __future__ import annotations

import pytest

from inference.engines import registry
from inference.engines.parameters import RewriterParameters
from inference.engines.protocols import EngineError, RewriteRequest
from inference.engines.templates import cleaned, fill

PARAMETERS = RewriterParameters(instruction="Say: {prompt}", exemplar_instruction="Like {exemplars}: {prompt} {x}")


def test_a_prompt_takes_its_slot():
    assert fill(PARAMETERS, RewriteRequest("rain")) == "Say: rain"


def test_exemplars_take_theirs():
    assert fill(PARAMETERS, RewriteRequest("rain", ("soft", "loud"))) == "Like soft | loud: rain {x}"


@pytest.mark.parametrize("text", ["{exemplars}", "{prompt}", "{0.__class__}", "{", "}{", r"\1 \g<0>", "%s"])
def test_braces_of_a_user_are_only_text(text):
    assert fill(PARAMETERS, RewriteRequest(text)) == f"Say: {text}"
    assert fill(PARAMETERS, RewriteRequest(text, (text,))) == f"Like {text}: {text} {{x}}"


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"instruction": "Say it"}, "instruction: .*{prompt}"),
        ({"exemplar_instruction": "{prompt}"}, "exemplar_instruction: .*{exemplars}"),
        ({"temprature": 1}, "temprature: .*not permitted"),
        ({"top_p": 0}, "top_p: "),
    ],
)
def test_parameters_at_fault_are_named(values, fault):
    with pytest.raises(EngineError, match=fault):
        registry.validate("transformers-seq2seq", values)


def test_an_answer_is_kept_as_one_clean_line():
    assert cleaned(" slow\x00 organ,\r\n\tlong\u200d echo \ufffd\x1b") == "slow organ, long\u200d echo \ufffd"
