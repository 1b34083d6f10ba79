"""Keys, issuers and signed tokens, good and bad, for the tests of sign-in."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64encode

from tenancy.bearer_tokens import Verifier
from tenancy.issuers import Algorithm, Issuer, RolesFrom
from tenancy.jwks import KeySource
from tenancy.principal import Principal, SignInRefused

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = int(NOW.timestamp())
USER = "0199a7c4-2f10-7c3a-9d51-3f8e2b6a7c01"
ASHFORD_URL = "https://login.ashford.example"
CONSORTIUM_URL = "https://login.consortium.example"
RECORDS_URL = "https://records.cedar.example"
NETWORK_URL = "https://login.network.example"

EC = ECKey.generate_key("P-256")
OTHER_EC = ECKey.generate_key("P-256")
RSA = RSAKey.generate_key(2048)
ED = OKPKey.generate_key("Ed25519")
Signer = ECKey | RSAKey | OKPKey
Json = dict[str, object]


def public_keys(**keys: Signer) -> dict[str, object]:
    return {"keys": [key.as_dict(private=False, kid=kid) for kid, key in keys.items()]}


ASHFORD = Issuer(
    url=ASHFORD_URL,
    audience="portcullis",
    algorithms=frozenset({Algorithm.ES256}),
    static_keys=public_keys(ec=EC),
    institution_codes=frozenset({"ASHFORD"}),
    roles_from=RolesFrom.CLAIMS,
)
CONSORTIUM = replace(
    ASHFORD,
    url=CONSORTIUM_URL,
    algorithms=frozenset(Algorithm),
    static_keys=public_keys(other=OTHER_EC, rsa=RSA, ed=ED),
    institution_codes=frozenset({"BIRCHWOOD", "CEDAR"}),
)
RECORDS = replace(
    ASHFORD, url=RECORDS_URL, roles_from=RolesFrom.RECORDS, user_id_claim="employee_number"
)
NETWORK = replace(ASHFORD, url=NETWORK_URL, institution_codes=frozenset(), is_network=True)
ISSUERS = {issuer.url: issuer for issuer in (ASHFORD, CONSORTIUM, RECORDS, NETWORK)}

HEADER: Json = {"alg": "ES256", "typ": "JWT", "kid": "ec"}
CLAIMS: Json = {
    "iss": ASHFORD_URL,
    "aud": "portcullis",
    "sub": USER,
    "preferred_username": "m.okafor",
    "iat": SECOND,
    "nbf": SECOND,
    "exp": SECOND + 300,
    "jti": "session-1",
    "roles": ["CIRCULATION_DESK_OPERATOR"],
}


def part(value: object) -> bytes:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(raw)


def sign(header: object, claims: object, key: Signer = EC, *, algorithm: str = "ES256") -> str:
    signed = part(header) + b"." + part(claims)
    signature = JWSRegistry.algorithms[algorithm].sign(signed, key)
    return (signed + b"." + urlsafe_b64encode(signature)).decode("ascii")


def token(key: Signer = EC, header: Json | None = None, **claims: object) -> str:
    """A good token of Ashford's, but for what is said; None leaves a claim out."""
    return saying(claims, key, header)


def saying(claims: Json, key: Signer = EC, header: Json | None = None) -> str:
    said = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
    return sign(HEADER | (header or {}), said, key)


def verifier(**settings: int) -> Verifier:
    return Verifier(ISSUERS.get, KeySource(), **settings)


def verify(text: str, chosen: str | None = None, now: datetime = NOW) -> Principal:
    return verifier().verify(text, now, chosen_institution=chosen)


def refusal(text: str, chosen: str | None = None, now: datetime = NOW) -> SignInRefused:
    with pytest.raises(SignInRefused) as caught:
        verify(text, chosen, now)
    return caught.value


GOOD = token()
