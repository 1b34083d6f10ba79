"""Bearer tokens for development: minted with the key of this installation, and handed out only
after the very verifier that the API uses has taken them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex
from types import MappingProxyType

from joserfc.jwk import ECKey

from rules.roles import Role, RoleGrant
from service.demo_network import HOME, NETWORK_ADMINISTRATOR, PIA
from service.demo_people import staff_of
from service.embedded_postgres import attached_server
from service.server_checks import StartRefused
from service.servers import connected, given_server
from service.settings import Settings
from service.settings_report import variable_of
from storage.handles import ReadDb, is_institution_code
from storage.institutions import libraries, members
from storage.users import users_by_identifier
from tenancy.bearer_tokens import Verifier
from tenancy.development_issuer import (
    DevelopmentKeyError,
    DevelopmentToken,
    development_issuer,
    development_network_issuer,
    load_or_make_key,
    mint,
)
from tenancy.jwks import KeySource
from tenancy.principal import SignInRefused

HOUR = 3600
DEMO_SECONDS = 12 * HOUR
MOST_SECONDS = 366 * 24 * HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What a development token shall say."""

    role: Role
    institution_code: str | None
    user: str | None = None
    library_code: str | None = None
    seconds: int = DEMO_SECONDS


def development_token(  # noqa: PLR0913  one for each option of the command
    settings: Settings,
    *,
    institution_code: str | None,
    role: Role,
    user: str | None = None,
    library_code: str | None = None,
    seconds: int = HOUR,
    now: datetime,
) -> str:
    """A token that the API takes. `user` is any identifier of the person; without it the token
    is for the demo person of the role. Raises StartRefused with a sentence."""
    wish = _Wish(
        role=role,
        institution_code=institution_code,
        user=user,
        library_code=library_code,
        seconds=seconds,
    )
    _refuse_production(settings)
    return _token(settings, _app_url(settings), wish, now=now)


def demo_tokens(
    settings: Settings, app_url: str, *, now: datetime | None = None
) -> Mapping[str, str]:
    """A token for each role of the demo network, by a label that says who it is."""
    _refuse_production(settings)
    start = now or datetime.now(UTC)
    tokens = {}
    for role in Role:
        is_network = role is Role.NETWORK_ADMINISTRATOR
        wish = _Wish(role=role, institution_code=None if is_network else HOME)
        member = PIA if role is Role.PATRON else staff_of(role)
        person = NETWORK_ADMINISTRATOR if member is None else member.primary_id
        place = "the network" if is_network else HOME
        label = f"{role.value} ({person} at {place})"
        tokens[label] = _token(settings, app_url, wish, now=start)
    return MappingProxyType(tokens)


def first_query() -> str:
    """A question to begin with, for any token of staff: a patron with blocks, and the gate."""
    return (
        f'{{ user(identifier: "{PIA.primary_id}") {{ firstName lastName '
        "blocks(inForce: true) { nodes { description { text } expiresAt } } "
        "gate { action verdict reasons { sentence whoMayOverride } } } }"
    )


def _token(settings: Settings, app_url: str, wish: _Wish, *, now: datetime) -> str:
    _check(wish)
    subject, codes = _looked_up(app_url, wish)
    key = _key(settings)
    token = DevelopmentToken(
        subject=subject,
        institution_code=wish.institution_code,
        grants=(RoleGrant(role=wish.role, library_code=wish.library_code),),
        token_id=token_hex(16),
    )
    text = mint(key, token, now=now, seconds=wish.seconds)
    try:
        _verifier(key, codes).verify(text, now)
    except SignInRefused as refusal:
        raise StartRefused(f"The token would not be taken. {refusal.sentence}") from None
    return text


def _looked_up(app_url: str, wish: _Wish) -> tuple[str, frozenset[str]]:
    """Who the person is by the records, and the institutions there are."""
    with connected(app_url) as connection:
        network = ReadDb(connection, None)
        codes = frozenset(member.code for member in members(network))
        network.commit()
        if wish.institution_code is None:
            return wish.user or NETWORK_ADMINISTRATOR, codes
        if wish.institution_code not in codes:
            raise StartRefused(_no_institution(wish.institution_code, codes))
        own = ReadDb(connection, wish.institution_code)
        subject = _subject(own, wish, wish.institution_code)
        _check_library(own, wish)
        own.commit()
    return subject, codes


def _refuse_production(settings: Settings) -> None:
    if not settings.is_development:
        raise StartRefused(
            "Development tokens are for development only: in production people sign in with the "
            f"institution's own provider ({variable_of('environment')} is production)."
        )


def _app_url(settings: Settings) -> str:
    """The API's login on the server that is given, or else runs for the data folder."""
    if settings.app_database_url is not None:
        return settings.app_database_url
    if settings.database_url is not None:
        return given_server(settings, settings.database_url).app_url
    return attached_server(settings.data).app_url


def _check(wish: _Wish) -> None:
    if not 1 <= wish.seconds <= MOST_SECONDS:
        raise StartRefused(f"A token can be good for 1 to {MOST_SECONDS} seconds.")
    if wish.role is Role.NETWORK_ADMINISTRATOR:
        if wish.institution_code is not None or wish.library_code is not None:
            raise StartRefused(
                "A network administrator belongs to no institution: leave --institution and "
                "--library out."
            )
    elif wish.institution_code is None:
        raise StartRefused(f"Say with --institution where the role {wish.role.value} is held.")


def _no_institution(code: str, codes: frozenset[str]) -> str:
    name = f"institution {code}" if is_institution_code(code) else "such institution"
    there = f"; there are {', '.join(sorted(codes))}" if codes else " yet"
    return f"There is no {name}{there}."


def _check_library(db: ReadDb, wish: _Wish) -> None:
    codes = [library.code for library in libraries(db)]
    if wish.library_code is not None and wish.library_code not in codes:
        raise StartRefused(
            f"There is no library {wish.library_code!r} at {wish.institution_code}; "
            f"there are {', '.join(codes)}."
        )


def _subject(db: ReadDb, wish: _Wish, institution_code: str) -> str:
    """The primary identifier of the person; a role that nobody holds there gets a stand-in."""
    if wish.user is not None:
        found = users_by_identifier(db, wish.user, frozenset())
        if len(found) != 1:
            who = "No user" if not found else "More than one user"
            raise StartRefused(f"{who} at {institution_code} has the identifier {wish.user!r}.")
        return found[0].user.primary_id
    member = PIA if wish.role is Role.PATRON else staff_of(wish.role)
    if member is not None and users_by_identifier(db, member.primary_id, frozenset()):
        return member.primary_id
    if wish.role is Role.PATRON:
        raise StartRefused(f"Say with --user which patron of {institution_code} it is for.")
    return f"development-{wish.role.value.lower().replace('_', '-')}"


def _key(settings: Settings) -> ECKey:
    try:
        return load_or_make_key(settings.dev_key)
    except DevelopmentKeyError as error:
        raise StartRefused(str(error)) from None


def _verifier(key: ECKey, codes: frozenset[str]) -> Verifier:
    made = [development_network_issuer(key)]
    if codes:
        made.append(development_issuer(key, codes))
    issuers = {issuer.url: issuer for issuer in made}
    return Verifier(issuers.get, KeySource())
