"""Importing audiocraft and laion_clap without what they import at their top and never use when they infer.

torchaudio and torchvision serve melody conditioning, CLAP fusion and training. Package registries carry their CUDA
builds alone: beside a CPU's torch these do not load, and transformers breaks where it finds them. spacy and av serve
text normalisation, which no published model has on, and reading files, which we do not do.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
import types
import warnings
from collections.abc import Iterable, Iterator
from importlib.machinery import ModuleSpec
from typing import Any

_SUBMODULES = {
    "torchaudio": ("transforms", "functional"),
    "torchvision": ("transforms", "ops", "ops.misc", "datasets"),
    "spacy": (),
    "av": (),
}
_FIRST = ("transformers", "torchmetrics")  # they look for torchaudio and torchvision, and must not find a stand-in
_ABSENT = (ImportError, OSError, RuntimeError)  # not installed; CUDA's libraries missing; operators not defined


class _Absent:
    """Any attribute of a package that is not there: may be named and subclassed from nothing, never called."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> _Absent:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Absent(f"{self._name}.{name}")

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise ImportError(f"{self._name} is needed here: install the build of it that matches torch.")


class _StandIn(types.ModuleType):
    def __getattr__(self, name: str) -> _Absent:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Absent(f"{self.__name__}.{name}")


@contextlib.contextmanager
def stand_ins(*packages: str) -> Iterator[list[str]]:
    """While inside, those of the packages that cannot be imported are represented by modules; yields their names.

    What the import warns of, and the folders that it adds to the path, end with it: neither is ours.
    """
    for name in _FIRST:
        if importlib.util.find_spec(name):
            importlib.import_module(name)
    path = list(sys.path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        missing = [package for package in packages if not _importable(package)]
        try:
            for package in missing:
                _represent(package)
            yield missing
        finally:
            for package in missing:
                _forget(package)
            sys.path[:] = path


@contextlib.contextmanager
def replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    """While inside, owner.name is the value; what was inherited is inherited again."""
    own = name in vars(owner)
    before = vars(owner).get(name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        if own:
            setattr(owner, name, before)
        else:
            delattr(owner, name)


@contextlib.contextmanager
def kept_environment() -> Iterator[None]:
    """What is imported inside may set variables of the environment for itself, and for nobody after it."""
    before = dict(os.environ)
    try:
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


@contextlib.contextmanager
def none_for(classes: Iterable[type]) -> Iterator[None]:
    """While inside, their `from_pretrained` gives None: an import shall not look for files, let alone fetch them."""
    with contextlib.ExitStack() as changes:
        for found in classes:
            changes.enter_context(replaced(found, "from_pretrained", staticmethod(lambda *_, **__: None)))
        yield


def _importable(package: str) -> bool:
    try:
        importlib.import_module(package)
    except _ABSENT:
        _forget(package)
        return False
    return True


def _represent(package: str) -> None:
    for name in (package, *(f"{package}.{part}" for part in _SUBMODULES[package])):
        module = _StandIn(name)
        module.__spec__ = ModuleSpec(name, None, is_package=True)
        module.__path__ = []
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)


def _forget(package: str) -> None:
    for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        del sys.modules[name]
