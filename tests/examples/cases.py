"""What an example file holds, and what running one of its examples means."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One example: what is expected, and how to work out the present answer, which has the
    same keys. `answer` None: it belongs to a part of the rules that is not built yet."""

    id: str
    expected: Mapping[str, Json]
    answer: Callable[[], Mapping[str, Json]] | None


Runner: TypeAlias = Callable[[Json], Iterator[Case]]
"""Turns the whole of one group into its cases."""


def mapping(value: Json) -> Mapping[str, Json]:
    assert isinstance(value, Mapping), f"an object was expected, not {value!r}"
    return value


def sequence(value: Json) -> Sequence[Json]:
    assert isinstance(value, Sequence), f"a list was expected, not {value!r}"
    assert not isinstance(value, str), f"a list was expected, not {value!r}"
    return value


def text(value: Json) -> str:
    assert isinstance(value, str), f"a text was expected, not {value!r}"
    return value


def texts(value: Json) -> tuple[str, ...]:
    return tuple(text(one) for one in sequence(value))
