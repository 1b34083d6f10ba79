"""The account that runs the database server: PostgreSQL never runs as root, so root drops to an
account without rights, and no folder is opened to everyone for its sake."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from service.server_checks import StartRefused

UNPRIVILEGED = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account of this machine, and whether we must change to it."""

    uid: int
    gid: int
    drops: bool


class Identity(TypedDict, total=False):
    """The keyword arguments of `subprocess.Popen` that change the account."""

    user: int
    group: int
    extra_groups: list[int]


def account_for(cluster: Path, data: Path) -> Account:
    """Who runs the server of this cluster: ourselves; as root, the owner of the cluster or of the
    data folder if that is not root too, else the account without rights."""
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid(), drops=False)
    for path in (cluster, data):
        if path.exists() and (entry := _entry_of(path.stat().st_uid)):
            return Account(uid=entry.pw_uid, gid=entry.pw_gid, drops=True)
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise StartRefused(
            "PostgreSQL does not run as root, and this machine has no account "
            f"{UNPRIVILEGED!r} to drop to: start as another account."
        ) from None
    return Account(uid=entry.pw_uid, gid=entry.pw_gid, drops=True)


def _entry_of(uid: int) -> pwd.struct_passwd | None:
    try:
        # PostgreSQL looks its own account up by name, so one without an entry does not do.
        return pwd.getpwuid(uid) if uid != 0 else None
    except KeyError:
        return None


def identity(account: Account) -> Identity:
    """What to give to `subprocess` to become the account."""
    if not account.drops:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def can_enter(account: Account, path: Path) -> bool:
    """Whether the account reaches the path and may enter (a folder) or execute (a file) it."""
    if not account.drops:
        return os.access(path, os.X_OK)
    test = shutil.which("test") or "/usr/bin/test"
    asked = subprocess.run(  # noqa: S603 - a path as one argument
        [test, "-x", str(path)],
        cwd="/",
        check=False,
        stderr=subprocess.DEVNULL,
        **identity(account),
    )
    return asked.returncode == 0


def make_folder_for(account: Account, folder: Path) -> None:
    """Makes the folder, or takes it, for the account alone."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if account.drops:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)
    folder.chmod(0o700)


def let_pass(account: Account, folder: Path) -> None:
    """Lets the account, and nobody else, pass through a folder of ours without listing it."""
    if account.drops and folder.stat().st_uid == 0:
        os.chown(folder, 0, account.gid, follow_symlinks=False)
        folder.chmod(0o710)


def ends_with_parent(with_signal: signal.Signals) -> Callable[[], None] | None:
    """For `preexec_fn`: the kernel sends the signal to the new process when we die, even by
    SIGKILL. None where that is not to be had (not Linux, or not from the main thread, whose end
    is what the kernel watches)."""
    if sys.platform != "linux" or threading.current_thread() is not threading.main_thread():
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()
    set_death_signal = 1

    def arrange() -> None:
        prctl(set_death_signal, int(with_signal))
        if os.getppid() != parent:
            os.kill(os.getpid(), with_signal)

    return arrange
