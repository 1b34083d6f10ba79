"""An issuer that makes no sense, or whose keys could be swapped on the way, cannot be written."""

import pytest

from tenancy.issuers import Algorithm, Issuer, RolesFrom


def issuer(**members: object) -> Issuer:
    good: dict[str, object] = {
        "url": "https://login.ashford.example",
        "audience": "portcullis",
        "algorithms": frozenset({Algorithm.ES256}),
        "jwks_url": "https://login.ashford.example/keys",
        "institution_codes": frozenset({"ASHFORD"}),
        "roles_from": RolesFrom.RECORDS,
    }
    return Issuer(**{**good, **members})  # type: ignore[arg-type]  # the tables hold any member


@pytest.mark.parametrize(
    "url",
    [
        "http://login.ashford.example/keys",
        "http://10.0.0.1/keys",
        "http://127.0.0.1.ashford.example/keys",
        "http://localhost@attacker.example/keys",
        "https://user:password@login.ashford.example/keys",
        "file:///etc/passwd",
        "ftp://localhost/keys",
        "https:///keys",
        "keys",
        "",
        "https://login.ashford.example/" + "k" * 2048,
    ],
)
def test_keys_come_over_https_except_from_this_machine(url: str) -> None:
    with pytest.raises(ValueError, match=r"key set|https only"):
        issuer(jwks_url=url)


@pytest.mark.parametrize(
    "url",
    ["https://login.ashford.example/keys", "http://localhost:8080/keys", "http://[::1]/keys"],
)
def test_a_good_address_of_a_key_set_is_taken(url: str) -> None:
    assert issuer(jwks_url=url).jwks_url == url


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"audience": ""}, "are needed"),
        ({"algorithms": frozenset()}, "are needed"),
        ({"jwks_url": None}, "either the address of a key set or fixed keys"),
        ({"static_keys": {"keys": []}}, "either the address of a key set or fixed keys"),
        ({"institution_codes": frozenset()}, "either for the network or for institutions"),
        ({"is_network": True}, "either for the network or for institutions"),
        (
            {"is_network": True, "institution_codes": frozenset()},
            "names the roles itself",
        ),
    ],
)
def test_an_issuer_that_makes_no_sense_cannot_be_written_down(
    members: dict[str, object], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        issuer(**members)
