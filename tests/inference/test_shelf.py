"""Engines are loaded once, put away when others need the room, and memory that runs out is told from other errors."""

import pytest
import torch

from inference.engines import memory
from inference.engines.batching import Batches
from inference.engines.protocols import EngineError
from inference.shelf import Shelf


class Engine:
    def __init__(self, floats: int) -> None:
        self.model = torch.nn.Linear(floats, 1, bias=False)
        self.name = "an attribute that is no module"


def test_an_engine_is_loaded_once():
    shelf, loads = Shelf(1000), []

    def load():
        loads.append(1)
        return Engine(10)

    assert shelf.get("a", load) is shelf.get("a", load)
    assert loads == [1]


def test_the_least_recently_used_is_put_away_when_weights_outgrow_the_budget():
    shelf = Shelf(budget=100)  # bytes; each engine takes 40
    for key in ("a", "b", "a", "c"):
        shelf.get(key, lambda: Engine(10))

    assert list(shelf.engines) == ["a", "c"]


def test_one_engine_larger_than_the_budget_stays_while_it_is_used():
    shelf = Shelf(budget=100)
    shelf.get("small", lambda: Engine(10))
    shelf.get("huge", lambda: Engine(1000))

    assert list(shelf.engines) == ["huge"]


def test_loading_that_runs_out_of_memory_is_tried_again_with_the_others_gone():
    shelf = Shelf(budget=1000)
    shelf.get("a", lambda: Engine(10))

    def load():
        if shelf.engines:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return Engine(20)

    shelf.get("b", load)
    assert list(shelf.engines) == ["b"]
    with pytest.raises(RuntimeError, match="something else"):
        shelf.get("c", lambda: (_ for _ in ()).throw(RuntimeError("something else")))


def test_shared_tensors_weigh_once():
    engine = Engine(10)
    engine.tied = torch.nn.Linear(10, 1, bias=False)
    engine.tied.weight = engine.model.weight

    assert memory.weight(engine) == 40
    assert memory.weight(object.__new__(type("Plain", (), {}))) == 0


def fits(limit: int, tried: list[int], error: type[Exception] | str):
    def call(batch):
        tried.append(len(batch))
        if len(batch) > limit:
            raise (
                torch.OutOfMemoryError("CUDA out of memory")
                if error == "gpu"
                else RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
            )
        return [2 * item for item in batch]

    return call


@pytest.mark.parametrize("error", ["gpu", "cpu"])
def test_a_batch_that_does_not_fit_is_halved_and_stays_so(error):
    batches, tried = Batches(8), []

    assert batches.run(list(range(10)), fits(3, tried, error)) == [2 * n for n in range(10)]
    assert tried == [8, 4, 2, 2, 2, 2, 2]
    assert batches.run([1, 2, 3], fits(3, tried, error)) == [2, 4, 6]


def test_other_errors_are_passed_on_and_one_item_too_many_says_what_to_do():
    with pytest.raises(ValueError, match="bad"):
        Batches(4).run([1], lambda _: (_ for _ in ()).throw(ValueError("bad")))
    with pytest.raises(EngineError, match="does not fit into this worker's memory"):
        Batches(4).run([1, 2], fits(0, [], "gpu"))
