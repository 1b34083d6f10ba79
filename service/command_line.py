"""The commands of `python -m service`. Each imports what it starts only when it runs, so that
`settings` and `--help` work when nothing else does."""

import os
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from service.server_checks import StartRefused
from service.settings import Settings
from service.settings_report import read_settings, setting_rows, unknown_settings

WRONG_START = 2

app = typer.Typer(
    help="Portcullis: patron blocks for a consortium of libraries.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


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
    from service.servers import checked_login  # noqa: PLC0415
    from workers.process import main  # noqa: PLC0415

    chosen = checked_settings()
    status = main(
        checked_login(worker_url(chosen)),
        broker_url=chosen.broker_url,
        processes=chosen.worker_processes,
        threads=chosen.worker_threads,
    )
    raise typer.Exit(status)


@app.command()
def clock() -> None:
    """Ask for the jobs that are due, and send again what nobody picked up."""
    from service.logins import worker_url  # noqa: PLC0415
    from service.servers import checked_login  # noqa: PLC0415
    from workers.clock import main  # noqa: PLC0415

    chosen = checked_settings()
    main(checked_login(worker_url(chosen)), broker_url=chosen.broker_url)


@app.command()
def schema(*, check: Annotated[bool, typer.Option(help="Only compare.")] = False) -> None:
    """Write schema/schema.graphql, the contract with clients."""
    from schema.root import build_schema  # noqa: PLC0415
    from service.snapshots import write_snapshot  # noqa: PLC0415

    write_snapshot("schema/schema.graphql", build_schema().as_str() + "\n", check=check)
