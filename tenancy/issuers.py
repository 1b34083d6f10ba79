"""Who may vouch for a person: the issuers of bearer tokens, each bound to the institutions it
speaks for, the algorithms it signs with and the place where its keys are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import ip_address
from urllib.parse import urlsplit

KEY_SETS_MAX_URL_LENGTH = 2048


class Algorithm(Enum):
    """The signature algorithms an issuer may be bound to; there is no symmetric one."""

    ES256 = "ES256"
    RS256 = "RS256"
    ED25519 = "Ed25519"
    EDDSA = "EdDSA"
    """The older name, which most providers still send; only Ed25519 keys are meant by it."""


class RolesFrom(Enum):
    """Where the roles of an issuer's people come from."""

    CLAIMS = "CLAIMS"
    RECORDS = "RECORDS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """One provider of bearer tokens. Either institutions are named, or it is the network's."""

    url: str
    audience: str
    algorithms: frozenset[Algorithm]
    jwks_url: str | None = None
    static_keys: Mapping[str, object] | None = field(default=None, hash=False)
    institution_codes: frozenset[str] = frozenset()
    is_network: bool = False
    roles_from: RolesFrom = RolesFrom.RECORDS
    user_id_claim: str = "sub"

    def __post_init__(self) -> None:
        problem = _problem_with(self)
        if problem is not None:
            raise ValueError(f"issuer {self.url}: {problem}")


def is_loopback_host(host: str) -> bool:
    """
    >>> [is_loopback_host(host) for host in ("localhost", "127.0.0.8", "::1", "0.0.0.0")]
    [True, True, True, False]
    """
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _problem_with(issuer: Issuer) -> str | None:
    if not (issuer.url and issuer.audience and issuer.user_id_claim and issuer.algorithms):
        return "url, audience, user_id_claim and algorithms are needed"
    if (issuer.jwks_url is None) == (issuer.static_keys is None):
        return "it has either the address of a key set or fixed keys"
    if issuer.is_network == bool(issuer.institution_codes):
        return "it speaks either for the network or for institutions"
    if issuer.is_network and issuer.roles_from is not RolesFrom.CLAIMS:
        return "the network has no staff records, so its issuer names the roles itself"
    if issuer.jwks_url is not None:
        return _problem_with_address(issuer.jwks_url)
    return None


def _problem_with_address(url: str) -> str | None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host or parts.username is not None or len(url) > KEY_SETS_MAX_URL_LENGTH:
        return "the key set's address is not a plain web address"
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback_host(host)):
        return None
    return "keys are fetched over https only, except from this machine"
