"""Which state of a run may follow which."""

from __future__ import annotations

from torchglass.protocol.run import RunState

_ = RunState
_NEXT: dict[RunState, frozenset[RunState]] = {
    _.QUEUED: frozenset({_.STARTING, _.PARKED, _.FAILED}),
    _.STARTING: frozenset({_.RUNNING, _.PAUSED, _.FINISHED, _.PARKED, _.FAILED, _.INTERRUPTED}),
    _.RUNNING: frozenset({_.PAUSED, _.FINISHED, _.FAILED, _.INTERRUPTED, _.PARKED}),
    _.PAUSED: frozenset({_.RUNNING, _.FINISHED, _.PARKED, _.FAILED, _.INTERRUPTED}),
    _.FINISHED: frozenset({_.QUEUED, _.RUNNING, _.PAUSED, _.PARKED, _.FAILED, _.INTERRUPTED}),
    _.PARKED: frozenset({_.QUEUED, _.FAILED}),
    _.INTERRUPTED: frozenset({_.QUEUED, _.STARTING, _.PARKED, _.FAILED}),
    _.FAILED: frozenset({_.QUEUED}),
}

#: A worker is, or will soon be, at work for the run.
LIVE = frozenset({_.QUEUED, _.STARTING, _.RUNNING, _.PAUSED, _.FINISHED, _.INTERRUPTED})
#: A worker is ready and waits for a command.
IDLE = frozenset({_.PAUSED, _.FINISHED})


class IllegalTransitionError(AssertionError):
    """Our own bug: a state that must not follow."""


def follow(now: RunState, then: RunState) -> RunState:
    """``then``, if it may follow ``now``; a state always follows itself. Raises IllegalTransitionError."""
    if then is not now and then not in _NEXT[now]:
        expected = ", ".join(sorted(state.value for state in _NEXT[now]))
        raise IllegalTransitionError(f"{then.value} cannot follow {now.value}; expected one of {expected}")
    return then
