"""What is wrong with a bundle, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import yaml
from django.core.exceptions import ObjectDoesNotExist, SuspiciousOperation, ValidationError
from django.db import DatabaseError

# What rows and recipes that no bundle of ours holds make of whoever reads them.
WRONG = (
    *(LookupError, TypeError, ValueError, ArithmeticError, AttributeError, RecursionError, StopIteration),
    *(ValidationError, SuspiciousOperation, ObjectDoesNotExist, DatabaseError, yaml.YAMLError),
)


class BundleError(Exception):
    """Nothing was written."""


@contextmanager
def in_words(what: str) -> Iterator[None]:
    """While something of a bundle is believed: what it should not have been becomes a BundleError that begins so."""
    try:
        yield
    except WRONG as error:
        said = str(error).partition("\n")[0][:300]
        raise BundleError(f"{what}: {type(error).__name__}: {said}") from error
