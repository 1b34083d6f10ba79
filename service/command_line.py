"""The commands of `python -m service`. Each imports what it starts only when it runs, so that
`settings` and `--help` work when nothing else does."""

import os
import sys
from enum import Enum
from functools import partial
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from service.data_commands import commands
from service.server_checks import StartRefused
from service.settings import Settings
from service.settings_report import read_settings, setting_rows, unknown_settings

WRONG_START = 2


class Part(Enum):
    """A part of the service that runs as a process of its own."""

    API = "api"
    WORKER = "worker"
    CLOCK = "clock"


app = typer.Typer(
    help="Portcullis: patron blocks for a consortium of libraries.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
app.add_typer(commands)


def run() -> None:
    """Runs the command of this process; a refused start is one sentence and exit status 2."""
    try:
        app()
    except StartRefused as refusal:
        say(refusal.sentence)
        sys.exit(WRONG_START)


def say(sentence: str) -> None:
    """Tells the operator something that is not the command's result."""
    sys.stderr.write(sentence + "\n")


def checked_settings() -> Settings:
    """The settings, with a warning for each variable that looks like one and is none."""
    for sentence in unknown_settings(os.environ):
        say(sentence)
    return read_settings()


@app.command()
def up() -> None:
    """Start everything on this machine, and stop it all with Ctrl-C."""
    from service.up import run_everything  # noqa: PLC0415

    raise typer.Exit(run_everything(checked_settings(), say=say))


@app.command()
def settings() -> None:
    """List every setting: its variable, default, present value and meaning."""
    table = Table("Variable", "Default", "Now", "Meaning", box=None, pad_edge=False)
    for row in setting_rows(checked_settings()):
        table.add_row(row.variable, row.default, row.current, row.meaning)
    # A pipe has no width to fit into.
    console = Console(markup=False) if sys.stdout.isatty() else Console(markup=False, width=240)
    console.print(table)


@app.command()
def migrate() -> None:
    """Bring the database to this version, and make the logins of the API and the workers."""
    from service.servers import migrate_database, opened_server  # noqa: PLC0415

    with opened_server(checked_settings(), say) as server:
        migrate_database(server)


@app.command()
def api() -> None:
    """Answer requests: PORTCULLIS_API_PROCESSES processes on one port."""
    from service.api_server import serve  # noqa: PLC0415

    serve(checked_settings())


@app.command()
def worker() -> None:
    """Run jobs: PORTCULLIS_WORKER_PROCESSES processes."""
    from service.logins import worker_url  # noqa: PLC0415
    from service.logs import configure_logs  # noqa: PLC0415
    from service.servers import checked_login  # noqa: PLC0415
    from service.shared_counts import share_counts  # noqa: PLC0415

    chosen = checked_settings()
    configure_logs(chosen)
    share_counts(chosen, "worker")
    from workers.process import main  # noqa: PLC0415 - after share_counts

    status = main(
        checked_login(worker_url(chosen)),
        broker_url=chosen.broker_url,
        processes=chosen.worker_processes,
        threads=chosen.worker_threads,
        prepare=partial(configure_logs, chosen),
    )
    raise typer.Exit(status)


@app.command()
def clock() -> None:
    """Ask for the jobs that are due, and send again what nobody picked up."""
    from service.logins import worker_url  # noqa: PLC0415
    from service.logs import configure_logs  # noqa: PLC0415
    from service.servers import checked_login  # noqa: PLC0415
    from workers.clock import main  # noqa: PLC0415

    chosen = checked_settings()
    configure_logs(chosen)
    main(checked_login(worker_url(chosen)), broker_url=chosen.broker_url)


@app.command()
def health(part: Part) -> None:
    """Tell by the exit status whether a part is at work, for the health checks of containers."""
    from service.health import is_at_work  # noqa: PLC0415

    if not is_at_work(part.value, checked_settings()):
        raise StartRefused(f"The {part.value} is not at work.")


@app.command()
def server_check(
    url: Annotated[str, typer.Argument(help="URL of the server.")],
    major: Annotated[int | None, typer.Option(help="The major release it must be.")] = None,
) -> None:
    """Refuse a database server that is not there, too old, or lacks security fixes."""
    from service.server_checks import check_server  # noqa: PLC0415
    from service.servers import connected  # noqa: PLC0415

    with connected(url) as connection:
        check_server(connection)
        found = connection.info.server_version // 10_000
    if major is not None and found != major:
        raise StartRefused(f"PostgreSQL {major} is required here, and this is PostgreSQL {found}.")


@app.command()
def schema(*, check: Annotated[bool, typer.Option(help="Only compare.")] = False) -> None:
    """Write schema/schema.graphql, the contract with clients, and storage/schema.sql.

    Comparing leaves the SQL out: it needs a database, and the tests compare it."""
    from schema.root import build_schema  # noqa: PLC0415
    from service.schema_sql import NAME, fresh_schema_sql  # noqa: PLC0415
    from service.snapshots import write_snapshot  # noqa: PLC0415

    write_snapshot("schema/schema.graphql", build_schema().as_str() + "\n", check=check)
    if not check:
        write_snapshot(NAME, fresh_schema_sql(), check=False)


@app.command()
def roles(*, check: Annotated[bool, typer.Option(help="Only compare.")] = False) -> None:
    """Write docs/roles.md: who may ask and do what."""
    from schema.roles_document import roles_document  # noqa: PLC0415
    from service.snapshots import write_snapshot  # noqa: PLC0415

    write_snapshot("docs/roles.md", roles_document(), check=check)
