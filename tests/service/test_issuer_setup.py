"""Sign-in providers are made known by the owner, and only those the verifier could use."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from service.institution_setup import owner_db
from service.issuer_setup import add_issuer, issuer_of
from service.server_checks import StartRefused
from storage.issuers import issuers
from tenancy.issuers import Algorithm, Issuer, RolesFrom
from tests.database_server import Database

IDP = Issuer(
    url="https://idp.ashford.example",
    audience="portcullis",
    algorithms=frozenset({Algorithm.RS256, Algorithm.ES256}),
    jwks_url="https://idp.ashford.example/keys",
    institution_codes=frozenset({"ASHFORD"}),
    user_id_claim="eppn",
)


def made(*, keys: Path | None = None, jwks_url: str | None = None) -> Issuer:
    return issuer_of(
        url="https://idp.example",
        audience="portcullis",
        jwks_url=jwks_url,
        keys=keys,
        institution_codes=frozenset({"ASHFORD"}),
        is_network=False,
        roles_from=RolesFrom.RECORDS,
        algorithms=frozenset({Algorithm.ES256}),
        user_id_claim="sub",
    )


def test_a_provider_is_stored_as_it_was_given(fresh_database: Database) -> None:
    add_issuer(fresh_database.owner_url, IDP)

    with owner_db(fresh_database.owner_url, None) as db:
        row = next(row for row in issuers(db) if row.url == IDP.url)
    assert row.audience == "portcullis"
    assert row.jwks_url == "https://idp.ashford.example/keys"
    assert row.algorithms == ("ES256", "RS256")
    assert row.institution_codes == frozenset({"ASHFORD"})
    assert row.user_id_claim == "eppn"


def test_a_provider_is_added_once(fresh_database: Database) -> None:
    add_issuer(fresh_database.owner_url, IDP)

    with pytest.raises(StartRefused) as refused:
        add_issuer(fresh_database.owner_url, IDP)

    assert refused.value.sentence == "The provider https://idp.ashford.example is known already."


def test_a_provider_for_an_unknown_institution_is_refused_whole(fresh_database: Database) -> None:
    stranger = replace(IDP, institution_codes=frozenset({"ASHFORD", "NOWHERE"}))

    with pytest.raises(StartRefused) as refused:
        add_issuer(fresh_database.owner_url, stranger)

    assert refused.value.sentence == (
        "Not all of these are institutions of the network: ASHFORD, NOWHERE."
    )
    with owner_db(fresh_database.owner_url, None) as db:
        assert IDP.url not in [row.url for row in issuers(db)]


def test_keys_are_fetched_over_https_only() -> None:
    with pytest.raises(StartRefused) as refused:
        made(jwks_url="http://idp.example/keys")

    assert refused.value.sentence == (
        "The provider cannot be taken: issuer https://idp.example: keys are fetched over https "
        "only, except from this machine."
    )


def test_a_file_with_private_keys_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": [{"kty": "EC", "crv": "P-256", "d": "secret"}]}))

    with pytest.raises(StartRefused) as refused:
        made(keys=path)

    assert refused.value.sentence == (
        f"{path} holds a private or a shared key; give the public keys only."
    )


def test_a_file_that_is_no_key_set_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text("[]")

    with pytest.raises(StartRefused) as refused:
        made(keys=path)

    assert refused.value.sentence == (
        f"{path} is no key set: an object with a list of `keys` is needed."
    )
