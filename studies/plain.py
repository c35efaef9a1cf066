"""YAML as plain data. An anchor may repeat a part; without a limit a few lines of anchors stand for gigabytes."""

from __future__ import annotations

import yaml


class _Loader(yaml.SafeLoader):
    MOST = 16
    aliases = 0

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            self.aliases += 1
            if self.aliases > self.MOST:
                raise yaml.YAMLError(f"more than {self.MOST} parts are repeated by anchors: write them out.")
        return super().compose_node(parent, index)


def plain(text: str | bytes) -> object:
    """The content of YAML. Raises yaml.YAMLError."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 # nosec B506 (a safe loader)
    except RecursionError as error:
        raise yaml.YAMLError("nested too deeply.") from error
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # A date without such a day, a number of too many digits, a tag that does not fit.
        raise yaml.YAMLError(f"a value is not what it looks like ({error}): put it in quotes.") from error
