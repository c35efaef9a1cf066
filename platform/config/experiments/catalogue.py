"""Every experiment there is, by name."""

from __future__ import annotations

from config.experiments import (
    architectures,
    correlation,
    fidelity_by_kind,
    judge,
    main_method,
    objectives,
    pareto,
    ranked_five,
    rounds,
    sample_efficiency,
    sizes,
    transfer,
    zero_shot,
)
from config.experiments.experiment import Experiment

_ALL: tuple[Experiment, ...] = (
    main_method.EXPERIMENT,
    zero_shot.EXPERIMENT,
    ranked_five.EXPERIMENT,
    architectures.EXPERIMENT,
    objectives.EXPERIMENT,
    sizes.EXPERIMENT,
    fidelity_by_kind.EXPERIMENT,
    correlation.EXPERIMENT,
    judge.EXPERIMENT,
    sample_efficiency.EXPERIMENT,
    pareto.EXPERIMENT,
    rounds.EXPERIMENT,
    transfer.EXPERIMENT,
)
EXPERIMENTS = {experiment.name: experiment for experiment in _ALL}
