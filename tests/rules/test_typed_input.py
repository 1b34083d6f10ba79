"""What staff typed into a form, checked."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from rules.problems import Problem
from rules.specimens import NOON
from rules.typed_input import required_text, typed_expiry, typed_line, typed_text

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("text", "kept"),
    [(None, None), ("", None), (" \n\t ", None), (" a\r\nb ", "a\nb"), ("Zoe\u0308", "Zoë")],
)
def test_a_note_is_kept_in_nfc_and_nothing_written_is_no_note(
    text: str | None, kept: str | None
) -> None:
    assert typed_text(text, "staffNote") == kept


def test_a_required_text_of_spaces_is_missing() -> None:
    asked = required_text("   ", "reason", limit=10, asked="Say why.")
    assert asked == Problem(path=("reason",), sentence="Say why.")


def test_a_line_takes_no_line_break() -> None:
    assert isinstance(typed_line("a\nb", "lastName", limit=10), Problem)


@pytest.mark.parametrize(
    ("at", "on", "expected"),
    [
        (None, None, None),
        (None, date(2026, 11, 22), datetime(2026, 11, 23, 5, tzinfo=UTC)),
        (
            datetime(2026, 11, 22, 12, 0, 1, tzinfo=UTC),
            None,
            datetime(2026, 11, 22, 12, 0, 1, tzinfo=UTC),
        ),
    ],
)
def test_an_expiry_is_an_instant_or_the_end_of_a_local_day(
    at: datetime | None, on: date | None, expected: datetime | None
) -> None:
    assert typed_expiry(at, on, zone=NEW_YORK, now=NOON) == expected


@pytest.mark.parametrize(
    ("at", "on", "path"),
    [
        (NOON, None, "expiresAt"),
        (None, date(2026, 11, 21), "expiresOn"),
        (NOON, date(2026, 11, 30), "expiresOn"),
        (datetime(2027, 1, 1), None, "expiresAt"),  # noqa: DTZ001  the case is that it has none
        (None, date.min, "expiresOn"),
        (None, date.max, "expiresOn"),
        (datetime.max.replace(tzinfo=UTC), None, "expiresAt"),
    ],
)
def test_an_expiry_that_cannot_be_names_the_field(
    at: datetime | None, on: date | None, path: str
) -> None:
    problem = typed_expiry(at, on, zone=NEW_YORK, now=NOON)
    assert isinstance(problem, Problem)
    assert problem.path == (path,)
