"""The database server that a command works on, given by its URL or embedded, and what is asked of
it before anything else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow

from service.data_folder import is_held, kept_passwords, make_passwords, make_private_folder
from service.embedded_postgres import APP, WORKER, Server, attached_server, running_server
from service.server_checks import StartRefused, check_login, check_server
from service.settings import Settings
from service.settings_report import masked_url

CONNECT_SECONDS = 10


@contextmanager
def opened_server(settings: Settings, say: Callable[[str], None]) -> Iterator[Server]:
    """All logins, for commands that work as the owner; runs the embedded server for as long as
    the command lasts, where none is running and none is given."""
    if settings.database_url is not None:
        yield given_server(settings, settings.database_url)
    elif is_held(settings.data):
        yield attached_server(settings.data)
    else:
        with running_server(settings.data, say=say) as server:
            yield server


def given_server(settings: Settings, owner_url: str) -> Server:
    """The logins of a server that was given by the owner's URL; passwords for the other two are
    made and kept in the data folder where their URLs are not given."""
    app, worker = settings.app_database_url, settings.worker_database_url
    if app is None or worker is None:
        make_private_folder(settings.data)
        passwords = kept_passwords(settings.data) or make_passwords(settings.data)
        app = app or with_login(owner_url, APP, passwords.app)
        worker = worker or with_login(owner_url, WORKER, passwords.worker)
    return Server(superuser_url=None, owner_url=owner_url, app_url=app, worker_url=worker)


def migrate_database(server: Server) -> None:
    """Brings the database to this version as its owner, and sets the other logins' passwords."""
    from storage.migrate import migrate  # noqa: PLC0415 - the other processes do without Alembic

    with connected(server.owner_url) as connection:
        check_server(connection)
    migrate(
        server.owner_url,
        app_password=password_of(server.app_url),
        worker_password=password_of(server.worker_url),
    )


def checked_login(url: str) -> str:
    """The same URL, once its server and its login have been found fit for the API or a worker."""
    with connected(url) as connection:
        check_server(connection)
        check_login(connection)
    return url


def connected(url: str) -> psycopg.Connection[TupleRow]:
    """A connection, or one sentence on why there is none."""
    try:
        return psycopg.connect(url, connect_timeout=CONNECT_SECONDS, autocommit=True)
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise StartRefused(f"The database {masked_url(url)} does not answer: {reason}.") from None


def with_login(url: str, user: str, password: str) -> str:
    """The same database by another login.

    >>> with_login("postgresql://owner:a@db:5433/portcullis?sslmode=require", "app", "b")
    'postgresql://app:b@db:5433/portcullis?sslmode=require'
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    kept = [
        (key, value) for key, value in parse_qsl(parts.query) if key not in {"user", "password"}
    ]
    return urlunsplit(
        parts._replace(
            netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{host}",
            query=urlencode(kept, quote_via=quote),
        )
    )


def password_of(url: str) -> str | None:
    """The password in a database URL, None where it has none.

    >>> password_of("postgresql://app:b%2Fc@db/portcullis")
    'b/c'
    """
    password = conninfo_to_dict(url).get("password")
    return None if password is None else str(password)
