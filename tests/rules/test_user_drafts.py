"""A user's account as staff typed it."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from rules.given import Given
from rules.name_keys import KEY_LIMIT, name_keys, search_key
from rules.specimens import READER
from rules.user_drafts import UserDraft, drafted_identifiers, drafted_user
from rules.users import User, UserIdentifier


def test_what_is_not_given_stays() -> None:
    assert drafted_user(READER, UserDraft()) == READER


def test_null_takes_away_and_a_past_day_ends_the_account() -> None:
    changed = drafted_user(
        READER, UserDraft(expires_on=Given(date(2020, 1, 1)), preferred_language=Given(None))
    )
    assert isinstance(changed, User)
    assert (changed.expires_on, changed.preferred_language) == (date(2020, 1, 1), None)


def test_every_problem_is_named_at_once() -> None:
    problems = drafted_user(
        READER, UserDraft(primary_id=Given(""), last_name=Given("\x00"), first_name=Given("a\tb"))
    )
    assert isinstance(problems, list)
    assert [problem.path for problem in problems] == [
        ("primaryId",),
        ("firstName",),
        ("lastName",),
    ]


def test_an_identifier_given_twice_counts_once() -> None:
    one = UserIdentifier(type_code="B", value="7")
    assert drafted_identifiers((one, UserIdentifier(type_code=" B", value="7 "), one)) == (one,)


@given(st.text(), st.text())
def test_a_name_is_found_by_its_start_whatever_it_is(first: str, last: str) -> None:
    by_last, by_first = name_keys(first, last)
    assert by_last.startswith(search_key(last)[: len(by_last)]) or not search_key(last)
    assert by_first.startswith(search_key(first)[: len(by_first)]) or not search_key(first)
    assert max(len(by_last), len(by_first)) <= KEY_LIMIT
