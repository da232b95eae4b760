"""The way into the catalogue: what there is, whether an experiment fits together, what it would cost.

Nothing here imports torch, and nothing here raises for a document: problems are reported at their node and field.
"""

from __future__ import annotations

from collections.abc import Mapping

from torchglass.checking.analysis import analyse, data_fields
from torchglass.checking.describe import REGISTRIES, describe
from torchglass.checking.parse import parse_experiment
from torchglass.checking.plan import Analysis, Graph, NodePlan, Source
from torchglass.checking.report import report
from torchglass.datasets.base import FieldSpec
from torchglass.spec.experiment import Experiment
from torchglass.spec.problems import ExperimentError, Problem
from torchglass.spec.report import CheckReport


def fields_of(experiment: Experiment) -> Mapping[str, FieldSpec]:
    """The fields of the experiment's data. Raises ExperimentError if its kind or settings are wrong."""
    problems: list[Problem] = []
    fields = data_fields(experiment.data, problems)
    if problems:
        raise ExperimentError(problems)
    return fields


def validate(experiment: Experiment) -> CheckReport:
    """Shapes, sizes, costs and problems, by node and field. Never raises for a document."""
    return report(analyse(experiment))


def require(experiment: Experiment) -> Analysis:
    """The analysis of an experiment that can run; raises ExperimentError with every error otherwise."""
    analysis = analyse(experiment)
    errors = [problem for problem in report(analysis).problems if problem.severity == "error"]
    if errors:
        raise ExperimentError(errors)
    return analysis


__all__ = [
    "REGISTRIES",
    "Analysis",
    "CheckReport",
    "Graph",
    "NodePlan",
    "Source",
    "analyse",
    "describe",
    "fields_of",
    "parse_experiment",
    "require",
    "validate",
]
