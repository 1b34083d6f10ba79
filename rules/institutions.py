"""Institutions, their libraries and circulation desks."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Institution:
    """A member of the consortium. Its days are days in `time_zone` (an IANA name)."""

    code: str
    name: str
    time_zone: str
    currency: str
    languages: tuple[str, ...]
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CirculationDesk:
    """A desk of a library, where staff meet patrons."""

    id: UUID
    code: str
    name: str
    library_id: UUID
    library_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """A library of the institution. `time_zone` None means the institution's."""

    id: UUID
    code: str
    name: str
    time_zone: str | None
    desks: tuple[CirculationDesk, ...] = ()
