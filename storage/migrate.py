"""Brings a database to the present schema, as its owner."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import Connection, create_engine, make_url

MIGRATIONS = Path(__file__).parent / "migrations"


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
            _set_password(connection, "portcullis_app", app_password)
            _set_password(connection, "portcullis_worker", worker_password)
            connection.commit()
    finally:
        engine.dispose()


def _set_password(connection: Connection, login: str, password: str | None) -> None:
    if password is None:
        return
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(
        sql.Identifier(login), sql.Literal(password)
    )
    connection.exec_driver_sql(statement.as_string())
