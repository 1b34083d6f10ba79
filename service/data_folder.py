"""The data folder of one service on one machine: who holds it, and the secrets kept in it."""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from service.server_checks import StartRefused

LOCK = "lock"
PASSWORDS = "passwords.json"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Passwords:
    """Passwords of the embedded server's logins; made once, kept in the data folder."""

    superuser: str
    owner: str
    app: str
    worker: str


def make_private_folder(folder: Path) -> None:
    """Makes the folder for its owner alone; an existing one keeps its mode."""
    if folder.is_dir():
        return
    try:
        folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise StartRefused(
            f"The folder {folder} cannot be made ({error.strerror}): set PORTCULLIS_DATA to a "
            "folder that you may write."
        ) from None


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Holds the folder against every other process until the block ends, however it ends."""
    handle = _open_lock(folder)
    try:
        if not _take(handle):
            raise StartRefused(
                f"The data folder {folder} is in use by process {_holder(folder)}: stop that one, "
                "or set PORTCULLIS_DATA (and PORTCULLIS_PORT) to run a second one beside it."
            )
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)


def is_held(folder: Path) -> bool:
    """Whether some process holds the folder now."""
    if not (folder / LOCK).exists():
        return False
    handle = _open_lock(folder)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def kept_passwords(folder: Path) -> Passwords | None:
    """The passwords kept in the folder, None where there are none yet."""
    path = folder / PASSWORDS
    names = {field.name for field in fields(Passwords)}
    try:
        kept = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StartRefused(f"The passwords in {path} cannot be read ({error}).") from None
    if not isinstance(kept, dict) or set(kept) != names:
        raise StartRefused(f"The passwords in {path} are not those of this version.")
    return Passwords(**kept)


def make_passwords(folder: Path) -> Passwords:
    """New random passwords, kept in the folder."""
    made = Passwords(**{field.name: secrets.token_urlsafe(24) for field in fields(Passwords)})
    write_private(folder / PASSWORDS, json.dumps(asdict(made), indent=2) + "\n")
    return made


def write_private(path: Path, text: str) -> None:
    """Writes a file that only the folder's owner can read: wholly or not at all."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    give_to_owner_of(path.parent, unfinished)
    unfinished.replace(path)


def give_to_owner_of(folder: Path, path: Path) -> None:
    """Root working in somebody's folder leaves files behind that this somebody can read."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def abandoned(parent: Path, pattern: str) -> list[Path]:
    """Data folders that match the pattern, were held once, and are held by nobody any more."""
    return [
        lock.parent
        for lock in parent.glob(f"{pattern}/{LOCK}")
        # One that is just being made is not held yet.
        if time.time() - lock.stat().st_mtime > 60 and not is_held(lock.parent)
    ]


def _take(handle: int) -> bool:
    # Somebody who only looks whether the folder is held has it for a moment too.
    for _ in range(5):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.05)
        else:
            return True
    return False


def _open_lock(folder: Path) -> int:
    path = folder / LOCK
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise StartRefused(
            f"The data folder {folder} cannot be used ({error.strerror}): it may belong to another "
            "account; set PORTCULLIS_DATA to a folder of your own."
        ) from None
    give_to_owner_of(folder, path)
    return handle


def _holder(folder: Path) -> str:
    return (folder / LOCK).read_text().strip() or "of another start"
