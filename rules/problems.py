"""What a rule answers when input cannot be taken, or can be taken but deserves a word."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a command is turned down. `path` leads from the input to the value that caused it,
    in the names of the domain values; a caller puts its own prefix in front."""

    path: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A warning: the command is carried out, and this is what staff should know about it."""

    path: tuple[str, ...]
    sentence: str
