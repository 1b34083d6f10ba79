"""Which keys of a key set may verify signatures, whatever else a provider publishes."""

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from tenancy.issuers import Algorithm
from tenancy.jwks import KeySetRefusedError, read_key_set

Json = dict[str, object]
EC = ECKey.generate_key("P-256")
OTHER_EC = ECKey.generate_key("P-256")
RSA = RSAKey.generate_key(2048)
ED = OKPKey.generate_key("Ed25519")


def public(key: ECKey | RSAKey | OKPKey, kid: str, **members: object) -> Json:
    return {**key.as_dict(private=False), "kid": kid, **members}


@pytest.mark.parametrize("document", [None, [], "keys", {}, {"keys": {}}, {"keys": "none"}])
def test_a_document_of_another_shape_is_no_key_set(document: object) -> None:
    with pytest.raises(KeySetRefusedError, match="not a key set"):
        read_key_set(document)


def test_a_set_of_more_than_fifty_keys_is_refused() -> None:
    assert len(read_key_set({"keys": [public(EC, str(n)) for n in range(50)]})) == 50
    with pytest.raises(KeySetRefusedError, match="too many keys"):
        read_key_set({"keys": [public(EC, str(n)) for n in range(51)]})


@pytest.mark.parametrize(
    ("entry", "algorithms"),
    [
        (public(EC, "k"), {Algorithm.ES256}),
        (public(EC, "k", use="sig", alg="ES256", key_ops=["verify"]), {Algorithm.ES256}),
        (public(RSA, "k"), {Algorithm.RS256}),
        (public(RSA, "k", alg="RS256", x5c=["ignored"]), {Algorithm.RS256}),
        (public(ED, "k"), {Algorithm.ED25519, Algorithm.EDDSA}),
        (public(ED, "k", alg="EdDSA"), {Algorithm.ED25519, Algorithm.EDDSA}),
        (public(ED, "k", alg="Ed25519"), {Algorithm.ED25519, Algorithm.EDDSA}),
    ],
)
def test_a_key_serves_the_algorithms_of_its_kind(entry: Json, algorithms: set[Algorithm]) -> None:
    assert read_key_set({"keys": [entry]})["k"].algorithms == algorithms


@pytest.mark.filterwarnings("ignore:Key size should be")
@pytest.mark.parametrize(
    "entry",
    [
        None,
        "k",
        {},
        {"kid": "k"},
        public(EC, ""),
        public(EC, "k" * 256),
        {**public(EC, "k"), "kid": 1},
        public(EC, "k", use="enc"),
        public(EC, "k", use=None),
        public(EC, "k", key_ops=["sign"]),
        public(EC, "k", key_ops=[]),
        public(EC, "k", key_ops="verify"),
        public(EC, "k", alg="RS256"),
        public(EC, "k", alg="HS256"),
        public(EC, "k", alg=["ES256"]),
        public(RSA, "k", alg="PS256"),
        public(EC, "k", x="AAAA"),
        public(EC, "k", x=None),
        public(EC, "k", y="not base64!"),
        public(EC, "k", crv="P-384"),
        public(RSA, "k", n="w" * 1367),
        public(RSA, "k", e="AA"),
        {**EC.as_dict(private=True), "kid": "k"},
        {**RSA.as_dict(private=True), "kid": "k"},
        {**OctKey.generate_key(256).as_dict(private=True), "kid": "k"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "k", "alg": "HS256"},
        {"kty": "RSA", "n": "w" * 170 + "E", "e": "AQAB", "kid": "k"},
        {"kty": "RSA", "n": "A" * 200 + "w" * 170 + "E", "e": "AQAB", "kid": "k"},
        public(ECKey.generate_key("P-384"), "k"),
        public(OKPKey.generate_key("Ed448"), "k"),
        public(OKPKey.generate_key("X25519"), "k"),
        {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA", "kid": "k"},
        {"kty": ["EC"], "kid": "k"},
    ],
)
def test_a_key_that_may_not_verify_is_left_out_and_the_others_stay(entry: object) -> None:
    assert list(read_key_set({"keys": [entry, public(OTHER_EC, "good")]})) == ["good"]


def test_two_keys_of_one_id_are_both_left_out() -> None:
    document = {"keys": [public(EC, "a"), public(OTHER_EC, "a"), public(RSA, "b")]}
    assert list(read_key_set(document)) == ["b"]
