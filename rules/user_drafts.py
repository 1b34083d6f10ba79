"""A user's account as staff typed it, checked field by field."""

from dataclasses import dataclass, replace
from datetime import date

from rules.given import Given, given_or
from rules.local_time import FIRST_DAY, LAST_DAY
from rules.problems import Problem
from rules.text import NAME_LIMIT
from rules.typed_input import typed_identifier, typed_line
from rules.users import (
    PRIMARY_ID_TYPE,
    AccountStatus,
    AccountType,
    RecordType,
    User,
    UserGroup,
    UserIdentifier,
)

IDENTIFIER_LIMIT = 255
TYPE_LIMIT = 50
LANGUAGE_LIMIT = 35
MOST_IDENTIFIERS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDraft:
    """What is to change about an account; what is not given stays as it is. The group was
    looked up before."""

    primary_id: Given[str] | None = None
    first_name: Given[str] | None = None
    last_name: Given[str] | None = None
    group: Given[UserGroup | None] | None = None
    record_type: Given[RecordType] | None = None
    account_type: Given[AccountType] | None = None
    status: Given[AccountStatus] | None = None
    expires_on: Given[date | None] | None = None
    preferred_language: Given[str | None] | None = None


def drafted_user(user: User, draft: UserDraft) -> User | list[Problem]:
    """The account as it is to be: names in NFC, whatever their script (design, Data); an
    expiry may lie in the past, by which staff end an account (user-blocks 8.6).

    >>> from rules.specimens import READER
    >>> drafted_user(READER, UserDraft(last_name=Given(" ")))[0].sentence
    'A user needs a last name; somebody with a single name has it here.'
    """
    lines = {
        "primary_id": typed_identifier(
            given_or(draft.primary_id, user.primary_id),
            "primaryId",
            limit=IDENTIFIER_LIMIT,
            asked="A user needs a primary identifier.",
        ),
        "first_name": typed_line(
            given_or(draft.first_name, user.first_name), "firstName", limit=NAME_LIMIT
        ),
        "last_name": typed_line(
            given_or(draft.last_name, user.last_name),
            "lastName",
            limit=NAME_LIMIT,
            asked="A user needs a last name; somebody with a single name has it here.",
        ),
        "preferred_language": typed_line(
            given_or(draft.preferred_language, user.preferred_language) or "",
            "preferredLanguage",
            limit=LANGUAGE_LIMIT,
        ),
    }
    expires_on = given_or(draft.expires_on, user.expires_on)
    problems = [line for line in lines.values() if isinstance(line, Problem)]
    problems += _day_problems(expires_on)
    if problems:
        return problems
    kept = {name: line for name, line in lines.items() if isinstance(line, str)}
    return replace(
        user,
        primary_id=kept["primary_id"],
        first_name=kept["first_name"],
        last_name=kept["last_name"],
        preferred_language=kept["preferred_language"] or None,
        group=given_or(draft.group, user.group),
        record_type=given_or(draft.record_type, user.record_type),
        account_type=given_or(draft.account_type, user.account_type),
        status=given_or(draft.status, user.status),
        expires_on=expires_on,
    )


def drafted_identifiers(
    typed: tuple[UserIdentifier, ...],
) -> tuple[UserIdentifier, ...] | list[Problem]:
    """The identifiers beside the primary one, in NFC, by type and value; one given twice counts
    once. The order is that in which they are shown.

    >>> drafted_identifiers((UserIdentifier(type_code="BARCODE", value=" 7 "),))[0].value
    '7'
    """
    if len(typed) > MOST_IDENTIFIERS:
        sentence = f"A user can have at most {MOST_IDENTIFIERS} identifiers."
        return [Problem(path=("identifiers",), sentence=sentence)]
    kept: set[tuple[str, str]] = set()
    problems: list[Problem] = []
    for number, one in enumerate(typed):
        parts = _identifier_parts(one)
        wrong = [part for part in parts if isinstance(part, Problem)]
        problems += [
            Problem(path=("identifiers", str(number), *p.path), sentence=p.sentence) for p in wrong
        ]
        type_code, value = parts
        if isinstance(type_code, str) and isinstance(value, str):
            kept.add((type_code, value))
    if problems:
        return problems
    return tuple(UserIdentifier(type_code=code, value=value) for code, value in sorted(kept))


def _identifier_parts(one: UserIdentifier) -> tuple[str | Problem, str | Problem]:
    type_code = typed_identifier(
        one.type_code, "typeCode", limit=TYPE_LIMIT, asked="An identifier needs a type."
    )
    if type_code == PRIMARY_ID_TYPE:
        sentence = "The primary identifier is a field of its own; choose another type."
        type_code = Problem(path=("typeCode",), sentence=sentence)
    value = typed_identifier(
        one.value, "value", limit=IDENTIFIER_LIMIT, asked="Write the identifier itself."
    )
    return type_code, value


def _day_problems(day: date | None) -> list[Problem]:
    if day is None or FIRST_DAY <= day <= LAST_DAY:
        return []
    sentence = f"A day lies between {FIRST_DAY.isoformat()} and {LAST_DAY.isoformat()}."
    return [Problem(path=("expiresOn",), sentence=sentence)]
