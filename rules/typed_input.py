"""What staff typed into a form, checked: texts, and expiries given as a day or an instant.

Each check answers the value to keep or a Problem whose path names the field as clients know it.
"""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from rules.local_time import expiry_at_end_of, expiry_problem
from rules.problems import Problem
from rules.text import NOTE_LIMIT, TextProblem, clean, unseen_problem


def typed_text(text: str | None, name: str, *, limit: int = NOTE_LIMIT) -> str | Problem | None:
    """A note of several lines (design, Data: NFC, bounded); nothing written is no note.

    >>> typed_text("  ", "staffNote") is None
    True
    >>> typed_text("a\\x00", "staffNote").path
    ('staffNote',)
    """
    cleaned = None if text is None else clean(text, limit=limit, multiline=True)
    if isinstance(cleaned, TextProblem):
        return Problem(path=(name,), sentence=cleaned.sentence)
    return cleaned or None


def required_text(text: str, name: str, *, limit: int, asked: str) -> str | Problem:
    """A note that must be there; `asked` says what is missing where nothing was written.

    >>> required_text(" ", "reason", limit=9, asked="Say why.").sentence
    'Say why.'
    """
    typed = typed_text(text, name, limit=limit)
    return Problem(path=(name,), sentence=asked) if typed is None else typed


def typed_line(text: str, name: str, *, limit: int, asked: str | None = None) -> str | Problem:
    """A text of one line, such as a name or an identifier; with `asked` it must not be empty.

    >>> typed_line(" Zoe\\u0308 ", "firstName", limit=50)
    'Zoë'
    """
    cleaned = clean(text, limit=limit)
    if isinstance(cleaned, TextProblem):
        return Problem(path=(name,), sentence=cleaned.sentence)
    if not cleaned and asked is not None:
        return Problem(path=(name,), sentence=asked)
    return cleaned


def typed_identifier(text: str, name: str, *, limit: int, asked: str) -> str | Problem:
    """A line by which something is told apart from others, so that all of it must be seen.

    >>> typed_identifier("7\\u2060", "value", limit=50, asked="").sentence
    'This contains an invisible character (U+2060); write it without.'
    """
    line = typed_line(text, name, limit=limit, asked=asked)
    unseen = unseen_problem(line) if isinstance(line, str) else None
    return line if unseen is None else Problem(path=(name,), sentence=unseen.sentence)


def typed_expiry(
    expires_at: datetime | None, expires_on: date | None, *, zone: ZoneInfo, now: datetime
) -> datetime | Problem | None:
    """An expiry that lies ahead, given as an instant or as a local day, whose end is meant
    (design, Data; user-blocks 2.3). None: no expiry.

    >>> from rules.specimens import NOON
    >>> typed_expiry(NOON, None, zone=ZoneInfo("UTC"), now=NOON).path
    ('expiresAt',)
    """
    if expires_at is not None and expires_on is not None:
        return Problem(
            path=("expiresOn",), sentence="Give either a day or an instant of expiry, not both."
        )
    name = "expiresAt" if expires_on is None else "expiresOn"
    expiry: datetime | Problem | None = expires_at
    if expires_on is not None:
        expiry = expiry_at_end_of(expires_on, zone)
    if isinstance(expiry, datetime) and expiry.tzinfo is None:
        return Problem(path=(name,), sentence="The instant of expiry needs a time zone or offset.")
    problem = expiry if isinstance(expiry, Problem) else expiry_problem(expiry, now)
    return expiry if problem is None else replace(problem, path=(name,))
