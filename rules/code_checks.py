"""What every code and every text of the block tables has to be."""

from collections.abc import Iterable

from rules.problems import Notice, Problem
from rules.text import TextProblem, clean, unseen_problem

CODE_LIMIT = 50
TEXT_LIMIT = 200
MOST_ROWS = 1000
"""The most rows that one block table of an institution has."""


def code_problems(code: str, path: str) -> tuple[Problem, ...]:
    """A code has 1 to 50 characters in NFC, no control or invisible characters, no space at its
    ends."""
    problems = _text_problems(code, path, limit=CODE_LIMIT)
    unseen = None if problems else unseen_problem(code)
    return problems if unseen is None else (problem_at(path, unseen.sentence),)


def text_problems(text: str, path: str) -> tuple[Problem, ...]:
    """A text or name has 1 to 200 characters in NFC, no control characters, no space at its
    ends."""
    return _text_problems(text, path, limit=TEXT_LIMIT)


def taken_problems(code: str, path: str, others: Iterable[str]) -> tuple[Problem, ...]:
    """A code or ID that is taken by one of the `others`, or differs from one only in case."""
    wanted = code.casefold()
    for other in others:
        if other == code:
            return (problem_at(path, f"{code} is taken already; choose another."),)
        if other.casefold() == wanted:
            sentence = (
                f"The code {code} differs from {other} only in upper and lower case; "
                "choose another."
            )
            return (problem_at(path, sentence),)
    return ()


def tidied(text: str) -> str:
    """A code or text as it would be kept; what cannot be kept stays, for its problem to be told.

    >>> tidied(" Zoe\\u0308 "), tidied("a\\x00")
    ('Zoë', 'a\\x00')
    """
    cleaned = clean(text, limit=TEXT_LIMIT)
    return text if isinstance(cleaned, TextProblem) else cleaned


def why_no_more_rows(rows: int, added: int = 1) -> Problem | None:
    """A table that people choose from stays one that people can read.

    >>> why_no_more_rows(999) is None, why_no_more_rows(1000) is None
    (True, False)
    """
    if not added or rows + added <= MOST_ROWS:
        return None
    return Problem(path=(), sentence=f"A block table has at most {MOST_ROWS:,} rows.")


def blocks_counted(live_blocks: int) -> str:
    """How many blocks stand in the way, as the subject of a sentence with its verb.

    >>> blocks_counted(1), blocks_counted(1200)
    ('1 block on a user has', '1,200 blocks on users have')
    """
    if live_blocks == 1:
        return "1 block on a user has"
    return f"{live_blocks:,} blocks on users have"


def problem_at(path: str, sentence: str) -> Problem:
    """A problem with one field of a draft."""
    return Problem(path=(path,), sentence=sentence)


def notice_at(path: str, sentence: str) -> Notice:
    """A warning about one field of a draft."""
    return Notice(path=(path,), sentence=sentence)


def _text_problems(text: str, path: str, *, limit: int) -> tuple[Problem, ...]:
    cleaned = clean(text, limit=limit)
    if isinstance(cleaned, TextProblem):
        return (problem_at(path, cleaned.sentence),)
    if not cleaned:
        return (problem_at(path, "This cannot be empty."),)
    if cleaned != text:
        return (problem_at(path, "This has spaces at an end, or is not in Unicode's form NFC."),)
    return ()
