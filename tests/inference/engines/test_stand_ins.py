"""Importing what wants packages that are not there."""

from __future__ import annotations

import sys
import warnings

import pytest

from inference.engines.stand_ins import replaced, stand_ins


@pytest.fixture
def wanting(tmp_path, monkeypatch):
    """A package like audiocraft: imports av at its top, warns, and pushes its folder into the path."""
    source = (
        "import sys, warnings\nimport av\nsys.path.append('theirs')\nwarnings.warn('old')\nFrame = av.video.Frame\n"
    )
    (tmp_path / "wanting.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "av", None)  # importing it fails, installed or not
    monkeypatch.delitem(sys.modules, "wanting", raising=False)


def test_what_is_missing_is_represented_while_importing_and_never_works(wanting):
    path = list(sys.path)
    with warnings.catch_warnings(), stand_ins("av") as missing:
        warnings.simplefilter("ignore")
        import wanting as imported  # type: ignore[import-not-found]

    assert missing == ["av"]
    assert "av" not in sys.modules and sys.path == path
    with pytest.raises(ImportError, match=r"av\.video\.Frame is needed here"):
        imported.Frame(1)


def test_what_is_there_is_left_alone():
    import scipy

    with stand_ins("scipy") as missing:
        assert sys.modules["scipy"] is scipy

    assert missing == [] and sys.modules["scipy"] is scipy


def test_a_replaced_attribute_comes_back_even_after_a_failure():
    class Base:
        name = "base"

    class Child(Base):
        own = 1

    with pytest.raises(ValueError), replaced(Child, "name", "other"), replaced(Child, "own", 2):
        assert (Child.name, Child.own) == ("other", 2)
        raise ValueError

    Base.name = "changed"
    assert (Child.name, Child.own) == ("changed", 1)
