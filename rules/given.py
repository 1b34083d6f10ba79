"""A value that a change was given, as opposed to one that was left out and stays as it is."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Given(Generic[T_co]):
    """The new value; None inside means that the old one is to be taken away."""

    value: T_co


def given_or(given: Given[T] | None, present: T) -> T:
    """The new value where one was given, else the present one.

    >>> given_or(Given(None), "old") is None, given_or(None, "old")
    (True, 'old')
    """
    return present if given is None else given.value
