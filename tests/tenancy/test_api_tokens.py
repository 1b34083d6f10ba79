"""API tokens: written and read back exactly, and refused alike whatever is wrong with them."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.roles import Role, RoleGrant
from tenancy.api_tokens import (
    ApiTokenRecord,
    ParsedApiToken,
    hash_secret,
    new_api_token,
    parse_api_token,
    principal_of,
    secret_matches,
    use_is_to_be_noted,
)
from tenancy.principal import Principal, SignInCode, SignInRefused, Via

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOKEN_ID = UUID("0199a7c4-2f10-7c3a-9d51-3f8e2b6a7c01")
SECRET = bytes(range(32))
PARSED = ParsedApiToken(institution_code="ASHFORD", token_id=TOKEN_ID, secret=SECRET)
RECORD = ApiTokenRecord(
    id=TOKEN_ID,
    institution_code="ASHFORD",
    name="Discovery front-end",
    secret_hash=hash_secret(SECRET),
    grants=(RoleGrant(role=Role.CIRCULATION_DESK_OPERATOR, library_code="MAIN"),),
    expires_at=None,
    revoked_at=None,
    last_used_at=None,
)
TEXT = "pcl_ASHFORD_0199a7c42f107c3a9d513f8e2b6a7c01_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"


def test_a_token_names_its_institution_its_id_and_its_secret() -> None:
    assert new_api_token("ASHFORD", TOKEN_ID, SECRET) == TEXT
    assert parse_api_token(TEXT) == PARSED


@given(
    code=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", fullmatch=True).filter(str.isascii),
    token_id=st.uuids(),
    secret=st.binary(min_size=32, max_size=32),
)
def test_every_token_is_read_back_as_it_was_written(
    code: str, token_id: UUID, secret: bytes
) -> None:
    expected = ParsedApiToken(institution_code=code, token_id=token_id, secret=secret)
    assert parse_api_token(new_api_token(code, token_id, secret)) == expected


@pytest.mark.parametrize("secret", [b"", bytes(31), bytes(33)])
def test_a_secret_of_another_length_makes_no_token(secret: bytes) -> None:
    with pytest.raises(ValueError, match="256 bits"):
        new_api_token("ASHFORD", TOKEN_ID, secret)


@pytest.mark.parametrize("code", ["", "_ASHFORD", "ASH FORD", "ÄSHFORD", "A" * 64, "ASHFORD\n"])
def test_an_institution_code_that_could_not_be_read_back_makes_no_token(code: str) -> None:
    with pytest.raises(ValueError, match="cannot stand"):
        new_api_token(code, TOKEN_ID, SECRET)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pcl_",
        TEXT[:-1],
        TEXT + "A",
        TEXT + "\n",
        TEXT + "=",
        " " + TEXT,
        TEXT.replace("pcl_", "PCL_"),
        TEXT.replace("0199a7", "0199A7"),
        TEXT.replace("ASHFORD", ""),
        TEXT.replace("ASHFORD", "ASH\0FORD"),
        TEXT.replace("ASHFORD", "A" * 64),
        TEXT[:-1] + "9",  # the same bytes, written another way
        "pcl_" + "A" * 1_000_000,
    ],
    ids=itertools.count(),
)
def test_any_other_text_is_no_token(text: str) -> None:
    assert parse_api_token(text) is None


def test_the_secret_is_stored_as_a_hash_and_compared_by_it() -> None:
    assert hash_secret(bytes(32)).hex() == (
        "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"
    )
    assert secret_matches(SECRET, RECORD.secret_hash) is True
    assert secret_matches(bytes(32), RECORD.secret_hash) is False
    assert secret_matches(SECRET, SECRET) is False


def test_a_live_token_is_a_principal_of_its_institution() -> None:
    assert principal_of(RECORD, PARSED, NOW) == Principal(
        subject=str(TOKEN_ID),
        institution_code="ASHFORD",
        grants=RECORD.grants,
        roles_asserted=True,
        via=Via.API_TOKEN,
        issuer="api-token",
        token_id=str(TOKEN_ID),
        expires_at=None,
        user_id=None,
        label="Discovery front-end",
    )


INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("record", "parsed"),
    [
        (None, PARSED),
        (None, replace(PARSED, secret=bytes(32))),
        (RECORD, replace(PARSED, secret=bytes(32))),
        (RECORD, replace(PARSED, secret=RECORD.secret_hash)),
        (RECORD, replace(PARSED, token_id=UUID(int=1))),
        (RECORD, replace(PARSED, institution_code="BIRCHWOOD")),
        (replace(RECORD, expires_at=NOW), PARSED),
        (replace(RECORD, expires_at=NOW - INSTANT), PARSED),
        (replace(RECORD, revoked_at=NOW), PARSED),
        (replace(RECORD, revoked_at=NOW - INSTANT), PARSED),
    ],
)
def test_every_wrong_token_is_refused_in_the_same_words(
    record: ApiTokenRecord | None, parsed: ParsedApiToken
) -> None:
    with pytest.raises(SignInRefused) as caught:
        principal_of(record, parsed, NOW)
    assert (caught.value.code, caught.value.sentence) == (
        SignInCode.API_TOKEN_REFUSED,
        "The API token was not accepted.",
    )


def test_a_token_counts_until_the_instant_it_expires() -> None:
    record = replace(RECORD, expires_at=NOW + INSTANT)
    assert principal_of(record, PARSED, NOW).expires_at == NOW + INSTANT


def test_an_api_token_never_speaks_for_the_network() -> None:
    with pytest.raises(ValueError, match="never speaks for the network"):
        replace(RECORD, grants=(RoleGrant(role=Role.NETWORK_ADMINISTRATOR),))


@pytest.mark.parametrize(
    ("last_used_at", "expected"),
    [
        (None, True),
        (NOW, False),
        (NOW - timedelta(seconds=59), False),
        (NOW - timedelta(seconds=60), True),
    ],
)
def test_the_last_use_is_noted_once_a_minute(last_used_at: datetime | None, expected: bool) -> None:
    assert use_is_to_be_noted(replace(RECORD, last_used_at=last_used_at), NOW) is expected
