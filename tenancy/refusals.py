"""How a question or command is turned down: expected, before any write, in a plain sentence.

Ordinary exception classes: a frozen dataclass would break inside `with` blocks.
"""

from collections.abc import Sequence

from rules.block_tables import Overridable
from rules.problems import Problem


class Refusal(Exception):
    """Something was asked that cannot be done. `path` names the input that caused it."""

    def __init__(self, message: str, path: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = tuple(path)


class NotPermitted(Refusal):
    """The person lacks the role or permission."""


class NotFound(Refusal):
    """There is no such record at this institution; another institution's does not exist."""


class InvalidInput(Refusal):
    """One or several inputs are wrong; each problem names its own path."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].sentence, problems[0].path)
        self.problems = tuple(problems)


class Conflict(Refusal):
    """The record has changed, or other records stand in the way."""


class NotOverridable(Refusal):
    """A reason cannot be overridden by this person; `overridable` says who could."""

    def __init__(self, message: str, overridable: Overridable) -> None:
        super().__init__(message)
        self.overridable = overridable


def refuse_invalid(problems: Sequence[Problem]) -> None:
    """Raise InvalidInput where the rules found problems."""
    if problems:
        raise InvalidInput(problems)


def refuse_conflict(problem: Problem | None, path: Sequence[str]) -> None:
    """Raise Conflict where the rules say what stands in the way of a whole command."""
    if problem is not None:
        raise Conflict(problem.sentence, path)


def refuse_other_version(current: int, seen: int | None) -> None:
    """Raise Conflict where the person saw another version than the one there is. Who names none
    has not looked, and takes what comes."""
    if seen is not None and seen != current:
        message = "Somebody else has changed this meanwhile. Look at it again before you change it."
        raise Conflict(message, ["version"])
