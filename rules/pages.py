"""A page of a list that can grow: the records, and whether more follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """Records in order, each with the keys by which the list can be continued after it."""

    items: Sequence[T_co]
    keys: Sequence[tuple[str, ...]]
    has_more: bool
