"""Who asks: the person or program behind a request, as a verified token has it; and the one way
in which a sign-in is turned down."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from rules.roles import Role, RoleGrant, roles_in_force


class Via(Enum):
    """What the principal signed in with."""

    JWT = "JWT"
    API_TOKEN = "API_TOKEN"  # noqa: S105  a kind, not a secret
    JOB = "JOB"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks, and for which institution; only the network's own principals have none."""

    subject: str
    """Who it is in the words of the issuer: often the user's id or primary identifier."""
    institution_code: str | None
    grants: tuple[RoleGrant, ...]
    roles_asserted: bool
    """True: the token itself gave the roles. False: they are read from the staff records."""
    via: Via
    issuer: str
    token_id: str | None
    expires_at: datetime | None
    user_id: UUID | None
    label: str
    """How the history names the actor: primary identifier, or name of the API token."""

    def __post_init__(self) -> None:
        of_network = self.institution_code is None
        if any((grant.role is Role.NETWORK_ADMINISTRATOR) != of_network for grant in self.grants):
            raise ValueError("network roles and institution roles never meet in one principal")

    def roles(self, now: datetime) -> frozenset[Role]:
        return roles_in_force(self.grants, now)

    def is_network(self, now: datetime) -> bool:
        return self.institution_code is None and Role.NETWORK_ADMINISTRATOR in self.roles(now)


class SignInCode(Enum):
    """Why a sign-in was turned down, for logs and metrics; the value is stable."""

    TOKEN_MALFORMED = "TOKEN_MALFORMED"  # noqa: S105
    TOKEN_TOO_LARGE = "TOKEN_TOO_LARGE"  # noqa: S105
    HEADER_NOT_ACCEPTED = "HEADER_NOT_ACCEPTED"
    ALGORITHM_NOT_ACCEPTED = "ALGORITHM_NOT_ACCEPTED"
    ISSUER_UNKNOWN = "ISSUER_UNKNOWN"
    KEY_UNKNOWN = "KEY_UNKNOWN"
    SIGNATURE_WRONG = "SIGNATURE_WRONG"
    KEYS_UNAVAILABLE = "KEYS_UNAVAILABLE"
    AUDIENCE_WRONG = "AUDIENCE_WRONG"
    TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105
    TOKEN_NOT_YET_VALID = "TOKEN_NOT_YET_VALID"  # noqa: S105
    CLAIM_MALFORMED = "CLAIM_MALFORMED"
    INSTITUTION_MISSING = "INSTITUTION_MISSING"
    INSTITUTION_NOT_YOURS = "INSTITUTION_NOT_YOURS"
    ROLES_MALFORMED = "ROLES_MALFORMED"
    ROLE_UNKNOWN = "ROLE_UNKNOWN"
    ROLE_NOT_ALLOWED = "ROLE_NOT_ALLOWED"
    API_TOKEN_REFUSED = "API_TOKEN_REFUSED"  # noqa: S105


NOT_ACCEPTED = "The bearer token was not accepted. Sign in again."
"""Said of every token whose signature was not proven, so that a forger learns nothing."""

SENTENCES = {
    SignInCode.KEYS_UNAVAILABLE: "The sign-in provider cannot be reached. Try again in a minute.",
    SignInCode.AUDIENCE_WRONG: "The bearer token was issued for another service.",
    SignInCode.TOKEN_EXPIRED: "The bearer token has expired. Sign in again.",
    SignInCode.TOKEN_NOT_YET_VALID: "The bearer token is not valid yet.",
    SignInCode.INSTITUTION_MISSING: (
        "The bearer token speaks for several institutions. Name one in the header X-Institution."
    ),
    SignInCode.INSTITUTION_NOT_YOURS: "The bearer token does not speak for this institution.",
    SignInCode.ROLES_MALFORMED: "The bearer token does not name its roles in the agreed form.",
    SignInCode.API_TOKEN_REFUSED: "The API token was not accepted.",
}


class SignInRefused(Exception):
    """The sign-in is turned down. The sentence is for the client, the code for whoever operates
    the service: outside, every refusal looks alike but for its sentence."""

    def __init__(self, code: SignInCode, sentence: str | None = None) -> None:
        self.code = code
        self.sentence = sentence or SENTENCES.get(code, NOT_ACCEPTED)
        super().__init__(f"{code.value}: {self.sentence}")
