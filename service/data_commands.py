"""Commands that fill the database and mint tokens: institutions, issuers, the demo network, and
loads for measurements. All but `token` work as the owner of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from rules.roles import Role
from service.server_checks import StartRefused
from tenancy.issuers import Algorithm, RolesFrom

commands = typer.Typer()


@commands.command()
def token(
    role: Annotated[Role, typer.Option(help="The role that the token gives.")],
    institution: Annotated[str | None, typer.Option(help="Code of the institution.")] = None,
    user: Annotated[str | None, typer.Option(help="Any identifier of the person.")] = None,
    library: Annotated[str | None, typer.Option(help="The only library where it counts.")] = None,
    seconds: Annotated[int, typer.Option(help="How long the token is good.")] = 3600,
) -> None:
    """Print a development token and nothing else."""
    from service.command_line import checked_settings  # noqa: PLC0415
    from service.tokens import development_token  # noqa: PLC0415

    text = development_token(
        checked_settings(),
        institution_code=institution,
        role=role,
        user=user,
        library_code=library,
        seconds=seconds,
        now=datetime.now(UTC),
    )
    typer.echo(text)


@commands.command()
def institution_add(
    code: Annotated[str, typer.Option(help="Upper-case letters and digits, as in ASHFORD.")],
    name: Annotated[str, typer.Option(help="The name in full.")],
    time_zone: Annotated[str, typer.Option(help="IANA name, as in America/Toronto.")],
    currency: Annotated[str, typer.Option(help="ISO code, as in CAD.")],
    languages: Annotated[str, typer.Option(help="Codes separated by commas, as in en,fr.")],
) -> None:
    """Add an institution to the network, with the tables that every institution starts with."""
    from service.institution_setup import InstitutionPlan, add_institution  # noqa: PLC0415

    plan = InstitutionPlan(
        code=code,
        name=name.strip(),
        time_zone=time_zone,
        currency=currency,
        languages=tuple(part.strip() for part in languages.split(",") if part.strip()),
    )
    with _owner_url() as owner_url:
        add_institution(owner_url, plan)
    typer.echo(f"{plan.name} ({plan.code}) is a member of the network.")


@commands.command()
def administrator_add(
    institution: Annotated[str, typer.Option(help="The institution's code.")],
    user: Annotated[str, typer.Option(help="The primary identifier, as sign-in names the person.")],
    first_name: Annotated[str, typer.Option(help="The first name.")] = "",
    last_name: Annotated[str, typer.Option(help="The last name.")] = "",
) -> None:
    """Give an institution its first administrator, who then gives all other roles."""
    from service.first_administrator import add_administrator, staff_draft  # noqa: PLC0415

    with _owner_url() as owner_url:
        add_administrator(owner_url, institution, staff_draft(user, first_name, last_name))
    typer.echo(f"{user} administers {institution}.")


@commands.command()
def issuer_add(  # noqa: PLR0913  one option for each property
    *,
    url: Annotated[str, typer.Option(help="The `iss` of its tokens, exactly.")],
    audience: Annotated[str, typer.Option(help="The `aud` of its tokens, exactly.")],
    jwks_url: Annotated[str | None, typer.Option(help="Address of its key set.")] = None,
    keys: Annotated[Path | None, typer.Option(help="File of a fixed key set instead.")] = None,
    institution: Annotated[
        list[str] | None, typer.Option(help="An institution it speaks for; may be repeated.")
    ] = None,
    network: Annotated[bool, typer.Option(help="It speaks for the network instead.")] = False,
    roles_from: Annotated[
        RolesFrom, typer.Option(help="Whether the staff records or its tokens give the roles.")
    ] = RolesFrom.RECORDS,
    algorithm: Annotated[
        list[Algorithm] | None, typer.Option(help="How it signs; may be repeated. [ES256]")
    ] = None,
    user_id_claim: Annotated[str, typer.Option(help="The claim that names the user.")] = "sub",
) -> None:
    """Accept the tokens of a sign-in provider for some institutions, or for the network."""
    from service.issuer_setup import add_issuer, issuer_of  # noqa: PLC0415

    issuer = issuer_of(
        url=url,
        audience=audience,
        jwks_url=jwks_url,
        keys=keys,
        institution_codes=frozenset(institution or ()),
        is_network=network,
        roles_from=roles_from,
        algorithms=frozenset(algorithm or [Algorithm.ES256]),
        user_id_claim=user_id_claim,
    )
    with _owner_url() as owner_url:
        add_issuer(owner_url, issuer)
    typer.echo(f"Tokens of {url} are accepted.")


@commands.command()
def demo() -> None:
    """Load the demo network, once."""
    from service.command_line import say  # noqa: PLC0415
    from service.demo import load_demo  # noqa: PLC0415

    with _owner_url() as owner_url:
        loaded = load_demo(owner_url, now=datetime.now(UTC), say=say)
    if not loaded:
        say("The demo network is there already; nothing was added.")


@commands.command()
def load(
    institutions: Annotated[int, typer.Option(help="How many institutions: L001, L002 …")],
    users: Annotated[int, typer.Option(help="How many users in all of them together.")],
    blocks_per_user: Annotated[float, typer.Option(help="Blocks a user, on average.")] = 0.75,
) -> None:
    """Load made-up institutions for measurements."""
    from service.command_line import say  # noqa: PLC0415
    from service.load import load_network  # noqa: PLC0415

    with _owner_url() as owner_url:
        sentence = load_network(
            owner_url, institutions=institutions, users=users, blocks_per_user=blocks_per_user
        )
    say(sentence)


@contextmanager
def _owner_url() -> Iterator[str]:
    """The owner's login, on a server whose tables are there."""
    from service.command_line import checked_settings, say  # noqa: PLC0415
    from service.servers import connected, opened_server  # noqa: PLC0415

    with opened_server(checked_settings(), say) as server:
        with connected(server.owner_url) as connection:
            row = connection.execute("SELECT to_regclass('public.user_block')").fetchone()
        if row is None or row[0] is None:
            raise StartRefused("The database has no tables yet: run `python -m service migrate`.")
        yield server.owner_url
