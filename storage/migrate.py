"""Brings a database to the present schema, as its owner."""

import time
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from psycopg.rows import TupleRow
from sqlalchemy import create_engine, make_url

MIGRATIONS = Path(__file__).parent / "migrations"

PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds to wait before the password of a login is tried again."""


def migrate(
    owner_url: str, *, app_password: str | None = None, worker_password: str | None = None
) -> None:
    """Run every migration that has not run, then set the passwords of the two logins."""
    engine = create_engine(make_url(owner_url).set(drivername="postgresql+psycopg"))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
    set_passwords(owner_url, app_password=app_password, worker_password=worker_password)


def set_passwords(owner_url: str, *, app_password: str | None, worker_password: str | None) -> None:
    """Set the passwords of the two logins; None leaves the one there is."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        _set_password(owner, "portcullis_app", app_password)
        _set_password(owner, "portcullis_worker", worker_password)


def _set_password(
    connection: psycopg.Connection[TupleRow], login: str, password: str | None
) -> None:
    """Logins belong to the whole server: where another database of it is migrated at this very
    moment, PostgreSQL refuses one of the two changes instead of letting it wait."""
    if password is None:
        return
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(
        sql.Identifier(login), sql.Literal(password)
    )
    for pause in PAUSES:
        try:
            connection.execute(statement)
        except psycopg.errors.InternalError_:
            time.sleep(pause)
        else:
            return
    message = f"The password of {login} could not be set: somebody else keeps changing it."
    raise RuntimeError(message)
