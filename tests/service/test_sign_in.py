"""Sign-in at the edge: which issuers are known, and what stands in nobody's way."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from httpx2 import Response
from joserfc import jwt
from joserfc.jwk import ECKey

from service.known_issuers import KEPT_SECONDS, KnownIssuers
from tenancy.development_issuer import development_issuer
from tenancy.issuers import Issuer
from tenancy.principal import SignInCode, SignInRefused
from tests.cast import ASHFORD, CEDAR
from tests.database_server import Database, put_row
from tests.desk import Desk, open_desk

VIEWER = "{ viewer { label institutionCode } }"
KEY = ECKey.generate_key("P-256", private=True)
KEYS = {"keys": [KEY.as_dict(private=False, kid=KEY.thumbprint(), use="sig", alg="ES256")]}
ISSUER = development_issuer(KEY, frozenset({ASHFORD}))


@dataclass(slots=True)
class Records:
    """The issuers as a database would keep them; it may be away."""

    issuers: dict[str, Issuer] = field(default_factory=lambda: {ISSUER.url: ISSUER})
    is_away: bool = False
    times: int = 0
    seconds: float = 100.0
    told: list[set[str]] = field(default_factory=list)

    def read(self) -> dict[str, Issuer]:
        self.times += 1
        if self.is_away:
            raise ConnectionError("the server at db.internal says no")
        return self.issuers

    def known(self) -> KnownIssuers:
        return KnownIssuers(
            self.read, lambda issuers: self.told.append(set(issuers)), clock=lambda: self.seconds
        )


@pytest.fixture
def records() -> Records:
    return Records()


def test_issuers_are_read_again_after_a_while_and_not_before(records: Records) -> None:
    known = records.known()
    for _ in range(3):
        assert known.find(ISSUER.url) == ISSUER
    assert records.times == 1
    records.seconds += KEPT_SECONDS + 1
    assert known.find(ISSUER.url) == ISSUER
    assert records.times == 2


def test_the_last_known_issuers_serve_while_the_database_is_away(records: Records) -> None:
    known = records.known()
    known.refresh()
    records.is_away = True
    records.seconds += KEPT_SECONDS + 1
    assert known.find(ISSUER.url) == ISSUER
    # The database that is away is not asked with each request.
    assert known.find(ISSUER.url) == ISSUER
    assert records.times == 2


def test_nobody_is_told_wrong_while_issuers_were_never_read(records: Records) -> None:
    records.is_away = True
    known = records.known()
    with pytest.raises(SignInRefused) as refused:
        known.find(ISSUER.url)
    assert refused.value.code is SignInCode.KEYS_UNAVAILABLE
    records.is_away = False
    assert known.find(ISSUER.url) == ISSUER


def test_a_failed_read_is_logged_without_what_the_error_says(records: Records) -> None:
    records.is_away = True
    with structlog.testing.capture_logs() as lines, pytest.raises(SignInRefused):
        records.known().find(ISSUER.url)
    assert [(line["event"], line["reason"]) for line in lines] == [
        ("issuers not read", "ConnectionError")
    ]


def test_whoever_holds_proven_tokens_is_told_of_each_difference(records: Records) -> None:
    known = records.known()
    known.refresh()
    records.seconds += KEPT_SECONDS + 1
    known.refresh()
    records.issuers = {}
    records.seconds += KEPT_SECONDS + 1
    assert known.find(ISSUER.url) is None
    assert records.told == [{ISSUER.url}, set()]


def _put_issuer(database: Database, url: str, **columns: object) -> None:
    """An issuer of Ashford; with the test's key where it has no address of its own."""
    row: dict[str, object] = {
        "url": url,
        "audience": "portcullis",
        "roles_from": "CLAIMS",
        "static_keys": None if "jwks_url" in columns else KEYS,
        **columns,
    }
    with database.owner() as connection:
        put_row(connection, "issuer", row)
        member: dict[str, object] = {"issuer_url": url, "institution_code": ASHFORD}
        put_row(connection, "issuer_institution", member)


def _send_as(desk: Desk, issuer: str, **claims: object) -> Response:
    """The viewer, asked with a token of another issuer."""
    now = int(datetime.now(UTC).timestamp())
    made = {
        "iss": issuer,
        "aud": "portcullis",
        "sub": "olive",
        "exp": now + 60,
        "roles": ["AUDITOR"],
    }
    header = {"alg": "ES256", "typ": "JWT", "kid": KEY.thumbprint()}
    token = jwt.encode(header, {**made, **claims}, KEY)
    headers = {"authorization": f"Bearer {token}"}
    return desk.http.post("/graphql", json={"query": VIEWER}, headers=headers)


@pytest.fixture
def desk(fresh_database: Database, data_folder: Path) -> Iterator[Desk]:
    _put_issuer(fresh_database, "https://broken.example", jwks_url="ftp://broken.example")
    _put_issuer(fresh_database, "https://away.example", jwks_url="http://127.0.0.1:9/keys")
    with open_desk(fresh_database, data_folder) as desk:
        yield desk


def test_one_issuer_that_makes_no_sense_stops_nobody_else(desk: Desk) -> None:
    assert desk.ask(VIEWER)["viewer"]["label"] == "olive"


def test_a_provider_that_is_away_is_503_and_not_the_callers_fault(desk: Desk) -> None:
    answer = _send_as(desk, "https://away.example")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
    assert answer.json()["errors"][0]["extensions"]["code"] == "SIGN_IN_UNAVAILABLE"


def test_two_headers_that_choose_an_institution_are_refused(desk: Desk) -> None:
    headers = [*desk.headers().items(), ("x-institution", ASHFORD), ("x-institution", CEDAR)]
    answer = desk.http.post("/graphql", json={"query": VIEWER}, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["message"] == (
        "Name one institution in the header X-Institution."
    )


def test_the_claim_that_names_the_user_is_the_issuers_own(
    fresh_database: Database, data_folder: Path
) -> None:
    _put_issuer(fresh_database, "https://own.example", user_id_claim="library_id")
    with open_desk(fresh_database, data_folder) as desk:
        answer = _send_as(desk, "https://own.example", library_id="olive", sub="8f3a")
    assert answer.json()["data"]["viewer"] == {"label": "olive", "institutionCode": ASHFORD}
