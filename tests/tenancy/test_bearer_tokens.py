"""A bearer token is believed only when everything about it is right; each forgery has its code."""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.util import urlsafe_b64encode

from rules.roles import Role, RoleGrant
from tenancy.bearer_tokens import Verifier
from tenancy.jwks import KeySource
from tenancy.principal import NOT_ACCEPTED, Principal, SignInCode, SignInRefused, Via
from tests.tenancy.forged_tokens import (
    ASHFORD,
    ASHFORD_URL,
    CLAIMS,
    CONSORTIUM_URL,
    EC,
    ED,
    GOOD,
    HEADER,
    NOW,
    OTHER_EC,
    RSA,
    USER,
    Json,
    Signer,
    part,
    refusal,
    sign,
    token,
    verifier,
    verify,
)


def test_a_good_token_proves_who_asks_and_for_which_institution() -> None:
    assert verify(token()) == Principal(
        subject=USER,
        institution_code="ASHFORD",
        grants=(RoleGrant(role=Role.CIRCULATION_DESK_OPERATOR),),
        roles_asserted=True,
        via=Via.JWT,
        issuer=ASHFORD_URL,
        token_id="session-1",
        expires_at=NOW + timedelta(seconds=300),
        user_id=UUID(USER),
        label="m.okafor",
    )


def test_only_what_a_token_must_say_is_needed() -> None:
    principal = verify(token(iat=None, nbf=None, jti=None, preferred_username=None, sub="m.okafor"))
    assert (principal.subject, principal.label, principal.user_id, principal.token_id) == (
        "m.okafor",
        "m.okafor",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("algorithm", "kid", "key", "signed_as"),
    [
        ("ES256", "other", OTHER_EC, "ES256"),
        ("RS256", "rsa", RSA, "RS256"),
        ("Ed25519", "ed", ED, "Ed25519"),
        ("EdDSA", "ed", ED, "Ed25519"),
    ],
)
def test_each_algorithm_of_an_issuer_is_verified_with_its_own_kind_of_key(
    algorithm: str, kid: str, key: Signer, signed_as: str
) -> None:
    claims = CLAIMS | {"iss": CONSORTIUM_URL, "institution": "CEDAR"}
    text = sign(HEADER | {"alg": algorithm, "kid": kid}, claims, key, algorithm=signed_as)
    assert verify(text).institution_code == "CEDAR"


@pytest.mark.parametrize("typ", ["JWT", "jwt", "at+jwt", "application/at+jwt"])
def test_the_types_of_access_tokens_are_taken(typ: str) -> None:
    assert verify(token(header={"typ": typ})).subject == USER


def test_a_token_without_a_type_is_taken() -> None:
    assert verify(sign({"alg": "ES256", "kid": "ec"}, CLAIMS)).subject == USER


def test_a_header_that_means_nothing_to_us_is_passed_over() -> None:
    assert verify(token(header={"nonce": "a", "x5t": "b"})).subject == USER


def test_an_audience_may_be_one_of_several() -> None:
    assert verify(token(aud=["discovery", "portcullis"])).subject == USER


def hmac_with_public_key(header: Json) -> str:
    signed = part(HEADER | header) + b"." + part(CLAIMS)
    secret = EC.as_pem(private=False)
    signature = hmac.new(secret, signed, hashlib.sha256).digest()
    return (signed + b"." + urlsafe_b64encode(signature)).decode()


def unsigned(header: Json) -> str:
    return (part(HEADER | header) + b"." + part(CLAIMS) + b".").decode()


def raw_claims(text: str) -> str:
    return sign(HEADER, text.encode())


HEAD, BODY, SIGNATURE = GOOD.split(".")
OTHER_BODY = token(sub="someone-else").split(".")[1]
BEFORE_SIGNATURE = [
    ("nothing at all", "", SignInCode.TOKEN_MALFORMED),
    ("two parts", f"{HEAD}.{BODY}", SignInCode.TOKEN_MALFORMED),
    ("four parts", f"{GOOD}.{SIGNATURE}", SignInCode.TOKEN_MALFORMED),
    ("five parts, as encrypted tokens have", f"{GOOD}..", SignInCode.TOKEN_MALFORMED),
    ("white space after", GOOD + "\n", SignInCode.TOKEN_MALFORMED),
    ("padding after", GOOD + "==", SignInCode.TOKEN_MALFORMED),
    ("letters beyond ASCII", GOOD + "é", SignInCode.TOKEN_MALFORMED),
    ("half a character", GOOD + "\ud800", SignInCode.TOKEN_MALFORMED),
    ("a truncated signature", GOOD[:-2], SignInCode.SIGNATURE_WRONG),
    ("no signature", f"{HEAD}.{BODY}.", SignInCode.SIGNATURE_WRONG),
    ("another body", f"{HEAD}.{OTHER_BODY}.{SIGNATURE}", SignInCode.SIGNATURE_WRONG),
    ("8 KiB and one", token(filler="x" * 8192), SignInCode.TOKEN_TOO_LARGE),
    ("ten million letters", "a" * 10_000_000, SignInCode.TOKEN_TOO_LARGE),
    ("a header that is a list", sign([1], CLAIMS), SignInCode.TOKEN_MALFORMED),
    ("claims that are a string", sign(HEADER, "x"), SignInCode.TOKEN_MALFORMED),
    ("claims that are no JSON", sign(HEADER, b"{"), SignInCode.TOKEN_MALFORMED),
    ("claims that are no UTF-8", sign(HEADER, b'{"iss":"\xff"}'), SignInCode.TOKEN_MALFORMED),
    ("claims in UTF-16", sign(HEADER, '{"a":1}'.encode("utf-16")), SignInCode.TOKEN_MALFORMED),
    ("not a number", raw_claims('{"exp":NaN}'), SignInCode.TOKEN_MALFORMED),
    ("an endless number", raw_claims('{"exp":' + "9" * 5000 + "}"), SignInCode.TOKEN_MALFORMED),
    ("lists without end", raw_claims("[" * 5000), SignInCode.TOKEN_MALFORMED),
    (
        "a header named twice",
        sign(b'{"alg":"none","alg":"ES256","kid":"ec"}', CLAIMS),
        SignInCode.TOKEN_MALFORMED,
    ),
    (
        "a claim named twice",
        raw_claims(json.dumps(CLAIMS)[:-1] + ',"sub":"root"}'),
        SignInCode.TOKEN_MALFORMED,
    ),
    (
        "a claim named twice further in",
        raw_claims(json.dumps(CLAIMS)[:-1] + ',"x":{"y":1,"y":2}}'),
        SignInCode.TOKEN_MALFORMED,
    ),
    ("algorithm none", unsigned({"alg": "none"}), SignInCode.ALGORITHM_NOT_ACCEPTED),
    ("algorithm nOnE", unsigned({"alg": "nOnE"}), SignInCode.ALGORITHM_NOT_ACCEPTED),
    ("no algorithm", sign({"kid": "ec"}, CLAIMS), SignInCode.ALGORITHM_NOT_ACCEPTED),
    ("a list of algorithms", token(header={"alg": ["ES256"]}), SignInCode.ALGORITHM_NOT_ACCEPTED),
    (
        "HS256 with the public key as the secret",
        hmac_with_public_key({"alg": "HS256"}),
        SignInCode.ALGORITHM_NOT_ACCEPTED,
    ),
    (
        "an HMAC passed off as ES256",
        hmac_with_public_key({}),
        SignInCode.SIGNATURE_WRONG,
    ),
    ("ES256 said to be ES384", token(header={"alg": "ES384"}), SignInCode.ALGORITHM_NOT_ACCEPTED),
    (
        "an algorithm this issuer does not use",
        token(header={"alg": "RS256"}),
        SignInCode.ALGORITHM_NOT_ACCEPTED,
    ),
    (
        "an algorithm of another kind than the key",
        token(header={"alg": "RS256", "kid": "other"}, iss=CONSORTIUM_URL),
        SignInCode.KEY_UNKNOWN,
    ),
    ("no key id", sign({"alg": "ES256"}, CLAIMS), SignInCode.HEADER_NOT_ACCEPTED),
    ("an empty key id", token(header={"kid": ""}), SignInCode.HEADER_NOT_ACCEPTED),
    ("a key id that is a number", token(header={"kid": 1}), SignInCode.HEADER_NOT_ACCEPTED),
    ("a key id of 256 letters", token(header={"kid": "k" * 256}), SignInCode.HEADER_NOT_ACCEPTED),
    ("an unknown key id", token(header={"kid": "../../dev/null"}), SignInCode.KEY_UNKNOWN),
    ("another issuer's key id", token(OTHER_EC, {"kid": "other"}), SignInCode.KEY_UNKNOWN),
    ("another issuer's key", token(OTHER_EC), SignInCode.SIGNATURE_WRONG),
    ("a type of another use", token(header={"typ": "logout+jwt"}), SignInCode.HEADER_NOT_ACCEPTED),
    ("a type that is no text", token(header={"typ": None}), SignInCode.HEADER_NOT_ACCEPTED),
    *(
        (f"the header {name}", token(header={name: value}), SignInCode.HEADER_NOT_ACCEPTED)
        for name, value in {
            "crit": ["exp"],
            "jku": "https://attacker.example/keys",
            "jwk": OTHER_EC.as_dict(private=False),
            "x5u": "https://attacker.example/chain",
            "x5c": ["MIIB"],
            "b64": False,
            "zip": "DEF",
        }.items()
    ),
    ("no issuer", token(iss=None), SignInCode.ISSUER_UNKNOWN),
    ("an issuer that is a list", token(iss=[ASHFORD_URL]), SignInCode.ISSUER_UNKNOWN),
    ("an unknown issuer", token(iss="https://attacker.example"), SignInCode.ISSUER_UNKNOWN),
    ("an issuer with a slash more", token(iss=ASHFORD_URL + "/"), SignInCode.ISSUER_UNKNOWN),
    ("an issuer with a NUL", token(iss=ASHFORD_URL + "\0"), SignInCode.ISSUER_UNKNOWN),
]


@pytest.mark.parametrize(
    ("text", "code"),
    [row[1:] for row in BEFORE_SIGNATURE],
    ids=[row[0] for row in BEFORE_SIGNATURE],
)
def test_a_forged_token_is_refused_and_its_maker_learns_nothing(
    text: str, code: SignInCode
) -> None:
    refused = refusal(text)
    assert (refused.code, refused.sentence) == (code, NOT_ACCEPTED)


def test_a_key_set_that_cannot_be_used_is_not_the_callers_fault() -> None:
    broken = replace(ASHFORD, static_keys={"keys": "none"})
    with pytest.raises(SignInRefused) as caught:
        Verifier(lambda _: broken, KeySource()).verify(GOOD, NOW)
    assert caught.value.code is SignInCode.KEYS_UNAVAILABLE


SWAPS: list[Callable[[str, int, str], str]] = [
    lambda text, at, letter: text[:at] + letter + text[at + 1 :],
    lambda text, at, letter: text[:at] + letter + text[at:],
    lambda text, at, letter: text[:at] + text[at + 1 :],
    lambda text, at, letter: text[:at],
    lambda text, at, letter: text[at:] + text[:at],
]
FUZZED = verifier()


@settings(max_examples=300, deadline=None)
@given(
    swap=st.sampled_from(SWAPS),
    at=st.integers(0, len(GOOD) - 1),
    letter=st.sampled_from("AZaz09-_.=+/ \0é"),
)
def test_no_mutation_of_a_good_token_is_believed(
    swap: Callable[[str, int, str], str], at: int, letter: str
) -> None:
    text = swap(GOOD, at, letter)
    if text != GOOD:
        with pytest.raises(SignInRefused):
            FUZZED.verify(text, NOW)
