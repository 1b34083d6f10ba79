"""`make up`: everything on one machine. The database, the migrations, the demo network, the API,
the workers and the clock are started in this order, watched, and ended in the opposite one."""

import errno
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from service.child_processes import Child, end, has_ended, start, wait_for_an_end
from service.data_folder import held, make_private_folder
from service.embedded_postgres import Server, started_server
from service.health import answer_of_api
from service.server_checks import StartRefused
from service.servers import given_server, migrate_database
from service.settings import Settings
from service.settings_report import variable_of

READY_SECONDS = 60
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Say = Callable[[str], None]


class Stopped(Exception):
    """The operator asked for the end."""


def run_everything(settings: Settings, *, say: Say) -> int:
    """Runs until Ctrl-C (status 0) or until a part ends by itself (status 1)."""
    if not settings.is_development:
        raise StartRefused(
            "`up` is for development: in production start `migrate`, `api`, `worker` and `clock` "
            "each by itself, or unset PORTCULLIS_ENVIRONMENT."
        )
    with _asked_to_stop_once():
        try:
            return _run(settings, say)
        except Stopped:
            say("Stopped.")
            return 0


def _run(settings: Settings, say: Say) -> int:
    make_private_folder(settings.data)
    with ExitStack() as until_the_end:
        until_the_end.enter_context(held(settings.data))
        refuse_busy_port(settings)
        say("Starting the database ...")
        server = until_the_end.enter_context(_server(settings, say))
        say("Bringing the database up to date ...")
        migrate_database(server)
        _load_demo_once(server, say)
        say("Starting the API, the workers and the clock ...")
        children: list[Child] = []
        until_the_end.callback(_end_all, children, settings)
        _start_all(children, settings, server)
        _wait_until_ready(settings, children)
        _greet(settings, server)
        ended = wait_for_an_end([*children, *server.processes])
        say(f"{_obituary(ended, settings)} Stopping the rest.")
        return 1


def refuse_busy_port(settings: Settings) -> None:
    """Refuses a port on which the API could not listen, before anything is started."""
    try:
        addresses = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
        family, kind, _, _, address = addresses[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        reason = "busy" if error.errno == errno.EADDRINUSE else f"not to be had ({error.strerror})"
        raise StartRefused(
            f"Port {settings.port} on {settings.host} is {reason}: stop what uses it, or set "
            f"{variable_of('port')} to another."
        ) from None


@contextmanager
def _server(settings: Settings, say: Say) -> Iterator[Server]:
    if settings.database_url is not None:
        yield given_server(settings, settings.database_url)
    else:
        with started_server(settings.data, say=say) as server:
            yield server


def _load_demo_once(server: Server, say: Say) -> None:
    from service.demo import load_demo  # noqa: PLC0415 - brings a generator of people along

    load_demo(server.owner_url, say=say)


def _start_all(children: list[Child], settings: Settings, server: Server) -> None:
    """Each process gets its own login and nobody else's."""
    app = {"PORTCULLIS_APP_DATABASE_URL": server.app_url}
    worker = {"PORTCULLIS_WORKER_DATABASE_URL": server.worker_url}
    for name, login in (("api", app), ("worker", worker), ("clock", worker)):
        environ = child_environment(settings, os.environ) | login
        children.append(start(name, name, environ=environ, log=_log(settings, name)))


def child_environment(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """Our own environment with paths made absolute and without any login."""
    logins = {"PORTCULLIS_DATABASE_URL", "PORTCULLIS_APP_DATABASE_URL"}
    logins.add("PORTCULLIS_WORKER_DATABASE_URL")
    kept = {name: value for name, value in environ.items() if name.upper() not in logins}
    paths = {variable_of("data"): settings.data, variable_of("dev_key"): settings.dev_key}
    return kept | {name: str(path) for name, path in paths.items()}


def _end_all(children: Sequence[Child], settings: Settings) -> None:
    for child in reversed(children):
        end(child, seconds=settings.shutdown_seconds + 5)


def _wait_until_ready(settings: Settings, children: Sequence[Child]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        for child in children:
            if has_ended(child.pid):
                raise StartRefused(_obituary(child, settings))
        answer = answer_of_api(settings)
        if answer == "200":
            return
        if time.monotonic() > deadline:
            raise StartRefused(
                f"The API was not ready within {READY_SECONDS} seconds (its last answer: {answer}; "
                f"its log is {_log(settings, 'api')})."
            )
        time.sleep(0.1)


def _obituary(child: Child, settings: Settings) -> str:
    log = _log(settings, child.name)
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    last = f" Its last words: {lines[-1]}" if lines else ""
    return f"The process {child.name!r} has ended by itself (its log is {log}).{last}"


def _log(settings: Settings, name: str) -> Path:
    return settings.data / f"{name}.log"


def _greet(settings: Settings, server: Server) -> None:
    from service.tokens import demo_tokens, first_query  # noqa: PLC0415 - needs the demo network

    address = settings.api_address
    lines = ["", "Portcullis is ready.", "", f"GraphQL   {address}/graphql"]
    lines += [f"GraphiQL  {address}/graphiql", "", "Bearer tokens of the demo network:"]
    for role, token in demo_tokens(settings, server.app_url).items():
        lines += [f"  {role}", f"    {token}"]
    lines += ["", "A first query, for GraphiQL with one of the tokens:", f"  {first_query()}"]
    lines += ["", f"Logs and data are in {settings.data}. Ctrl-C stops everything."]
    print("\n".join(lines), flush=True)


@contextmanager
def _asked_to_stop_once() -> Iterator[None]:
    """Ctrl-C interrupts whatever we do; a second one does not interrupt the stopping."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped

    before = {each: signal.signal(each, stop) for each in SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
