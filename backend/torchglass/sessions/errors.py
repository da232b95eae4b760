"""What a session refuses, in words."""

from __future__ import annotations

from torchglass.spec.experiment import Experiment
from torchglass.spec.problems import Problem


class Refused(ValueError):
    """A request that cannot be granted; ``code`` is stable, the message is for people."""

    def __init__(self, code: str, message: str, *, node: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.node = node
        self.field = field


class RevisionConflict(Exception):
    """The document moved on since the revision that a command named."""

    def __init__(self, revision: int, experiment: Experiment) -> None:
        super().__init__(f"the experiment is at revision {revision}")
        self.revision = revision
        self.experiment = experiment


class InvalidExperiment(ValueError):
    """An experiment that cannot run, with every problem found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems[:3]))
        self.problems = problems
