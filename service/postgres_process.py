"""The process of the embedded PostgreSQL: launched, waited for, ended, and what a killed start
left behind taken care of."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from service.data_folder import Passwords
from service.postgres_cluster import ENVIRONMENT, PORT, SUPERUSER, Place, open_log, programs
from service.server_checks import StartRefused
from service.unprivileged import ends_with_parent, identity

READY_SECONDS = 300
CONNECT_SECONDS = 30
LEFTOVER_SECONDS = 20
STOP_SECONDS = 60


def launch(data: Path, place: Place, *, durable: bool) -> subprocess.Popen[bytes]:
    """Starts the server; it ends with us, however we end."""
    options = {
        "listen_addresses": "",
        "unix_socket_directories": '"{}"'.format(str(place.sockets).replace('"', '""')),
        "unix_socket_permissions": "0700",
        "port": str(PORT),
        "timezone": "UTC",
        "log_timezone": "UTC",
        "max_connections": "200",
        # Policies make short statements look dear enough to compile, and compiling them is dearer.
        "jit": "off",
    }
    if not durable:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    command = [str(programs(place) / "postgres"), "-D", str(place.cluster)]
    command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    log = open_log(data)
    try:
        return subprocess.Popen(  # noqa: S603 - our own program and paths
            command,
            cwd="/",
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            # Only prctl and kill are called between fork and exec, so threads do no harm.
            preexec_fn=ends_with_parent(signal.SIGINT),  # noqa: PLW1509
            **identity(place.account),
        )
    finally:
        os.close(log)


def ready_connection(
    data: Path, place: Place, process: subprocess.Popen[bytes], passwords: Passwords
) -> psycopg.Connection[Any]:
    """Waits for the server and answers with a connection of its superuser."""
    began, complaint = time.monotonic(), None
    while process.poll() is None and time.monotonic() - began < READY_SECONDS:
        try:
            return psycopg.connect(
                superuser_url(place, passwords), autocommit=True, connect_timeout=5
            )
        except psycopg.OperationalError as error:
            complaint = str(error)
        if "password authentication failed" in complaint:
            raise StartRefused(
                f"The passwords kept in {data} are not those of the database in "
                f"{place.cluster}: bring the right ones back, or move the database away."
            )
        # A server that replays its log after a crash answers so, for as long as it takes.
        recovers = "the database system is" in complaint or "not yet accepting" in complaint
        if not recovers and time.monotonic() - began > CONNECT_SECONDS:
            break
        time.sleep(0.05)
    log = data / "postgres.log"
    reason = _last_complaint(log) if process.poll() is not None else (complaint or "no answer")
    raise StartRefused(f"PostgreSQL did not start: {reason.splitlines()[0]} (the log is {log}).")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the server that we launched."""
    # Fast, then immediate, as pg_ctl has them; the last is for a server that hangs.
    for with_signal, seconds in (
        (signal.SIGINT, STOP_SECONDS),
        (signal.SIGQUIT, 10),
        (signal.SIGKILL, 10),
    ):
        process.send_signal(with_signal)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
        return


def end_leftover(place: Place, passwords: Passwords) -> None:
    """Ends the server that an earlier start of this data folder left behind when it was killed.

    We hold the folder, and it proves to be ours by our password on our socket."""
    pid_file = place.cluster / "postmaster.pid"
    pid = _pid_in(pid_file)
    if pid is None or not _is_alive(pid):
        return
    if _program_of(pid) not in {None, "postgres"}:
        # The number has gone to another process since; PostgreSQL would take that for a server.
        pid_file.unlink()
        return
    if _answers(place, passwords):
        os.kill(pid, signal.SIGINT)
    if not _ends_within(pid, LEFTOVER_SECONDS):
        raise StartRefused(
            f"Process {pid} is a PostgreSQL server that already works on {place.cluster} and that "
            "this start did not begin: end it first."
        )


def superuser_url(place: Place, passwords: Passwords) -> str:
    """The URL of the login that `initdb` made."""
    return socket_url(place, "postgres", SUPERUSER, passwords.superuser)


def socket_url(place: Place, database: str, user: str, password: str) -> str:
    """A URL that leads to the server's socket."""
    sockets = quote(str(place.sockets), safe="")
    return f"postgresql://{user}:{quote(password)}@/{database}?host={sockets}&port={PORT}"


def _last_complaint(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    complaints = [
        line
        for line in lines
        if ("FATAL:" in line or "PANIC:" in line) and "the database system is" not in line
    ]
    # What goes wrong before the log is set up comes without a level, on several lines.
    last = complaints[-1] if complaints else (" ".join(lines[-3:]) or "it said nothing")
    return last.rpartition("FATAL:")[2].strip()


def _pid_in(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _program_of(pid: int) -> str | None:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return None


def _answers(place: Place, passwords: Passwords) -> bool:
    try:
        with psycopg.connect(superuser_url(place, passwords), connect_timeout=2) as connection:
            found = connection.execute("SHOW data_directory").fetchone()
    except psycopg.OperationalError:
        return False
    return found is not None and Path(found[0]) == place.cluster


def _ends_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while _is_alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
