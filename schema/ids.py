"""Opaque ids of records: a short prefix for the type, then the record's number."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from uuid import UUID

import strawberry

PREFIXES = {
    "User": "u",
    "UserBlock": "b",
    "UserNote": "n",
    "AccountBlock": "k",
    "BlockDescription": "d",
    "BlockDefinition": "f",
    "BlockedActionCode": "a",
    "Library": "l",
    "CirculationDesk": "c",
    "GatePass": "p",
    "OverrideEvent": "o",
    "HistoryEvent": "h",
    "JobReport": "j",
    "ApiToken": "t",
    "BlockPreference": "r",
    "UserGroup": "g",
    "PermissionGrant": "m",
    "Upload": "x",
}
TYPES = {prefix: name for name, prefix in PREFIXES.items()}

NOBODY = UUID(int=0)
"""The number that no record has, for what was never an id of ours: it is looked for and not
found, as another institution's is."""

_NUMBER_LENGTH = 22


def encoded(prefix: str, number: UUID) -> strawberry.ID:
    """The id that clients see."""
    return strawberry.ID(f"{prefix}_{urlsafe_b64encode(number.bytes)[:22].decode('ascii')}")


def decoded(text: str) -> tuple[str, UUID] | None:
    """The type's name and the number, or None for anything that was never an id of ours.

    >>> number = UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    >>> decoded(encoded("b", number)) == ("UserBlock", number)
    True
    >>> decoded("b_nonsense") is None
    True
    """
    prefix, _, number = text.partition("_")
    name = TYPES.get(prefix)
    if name is None or len(number) != _NUMBER_LENGTH or not number.isascii():
        return None
    try:
        value = UUID(bytes=urlsafe_b64decode(f"{number}=="))
    except (Error, ValueError):
        return None
    return (name, value) if encoded(prefix, value) == text else None


def id_given(text: str | None) -> strawberry.ID | None:
    """An id as a client wrote it outside GraphQL, in the query of an address."""
    return None if text is None else strawberry.ID(text)


def number_of(text: str, type_name: str) -> UUID | None:
    """The number of an id of the named type, or None: an id of another type finds nothing."""
    found = decoded(text)
    return found[1] if found is not None and found[0] == type_name else None
