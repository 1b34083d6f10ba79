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
