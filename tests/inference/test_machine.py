"""What a worker tells of its machine."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import pynvml
import pytest

from inference import machine


def test_a_process_and_its_pool_are_weighed():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])
    try:
        found = {one["name"]: one["memory"] for one in machine.processes()}
    finally:
        child.kill()
        child.wait()
    assert next(iter(found)) == machine.process_name(os.getpid())
    assert machine.process_name(child.pid) in found
    assert found[machine.process_name()] > 2**20


@pytest.fixture
def driver(monkeypatch):
    """A driver with one card, as NVML tells of it: what it answers is NVIDIA's, there is no card here."""
    card = SimpleNamespace(used=3 * 2**30, total=80 * 2**30)
    answers = {"nvmlInit": None, "nvmlShutdown": None, "nvmlDeviceGetCount": 1, "nvmlDeviceGetHandleByIndex": card,
               "nvmlDeviceGetMemoryInfo": card, "nvmlDeviceGetName": "NVIDIA H100"}  # fmt: skip
    for name, answer in answers.items():
        monkeypatch.setattr(pynvml, name, lambda *_, answer=answer: answer)


def test_memory_of_graphics_cards_is_told_in_bytes(driver):
    assert machine.graphics_memory() == [{"name": "NVIDIA H100", "used": 3 * 2**30, "total": 80 * 2**30}]


def test_a_machine_without_a_driver_has_no_cards(monkeypatch):
    def no_driver():
        raise pynvml.NVMLError(pynvml.NVML_ERROR_LIBRARY_NOT_FOUND)

    monkeypatch.setattr(pynvml, "nvmlInit", no_driver)
    assert machine.graphics_memory() == []


def test_a_card_that_stops_answering_does_not_stop_the_worker(driver, monkeypatch):
    def lost(*_):
        raise pynvml.NVMLError(pynvml.NVML_ERROR_GPU_IS_LOST)

    monkeypatch.setattr(pynvml, "nvmlDeviceGetMemoryInfo", lost)
    assert machine.graphics_memory() == []
