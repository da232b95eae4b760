"""What a session refuses, in words."""

from __future__ import annotations

from torchglass.spec.experiment import Experiment


class RefusedError(ValueError):
    """A request that cannot be granted; ``code`` is stable, the message is for people."""

    def __init__(self, code: str, message: str, *, node: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.node = node
        self.field = field


class RevisionConflictError(Exception):
    """The document moved on since the revision that a command named."""

    def __init__(self, revision: int, experiment: Experiment) -> None:
        super().__init__(f"the experiment is at revision {revision}")
        self.revision = revision
        self.experiment = experiment
