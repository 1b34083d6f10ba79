"""Processes of ours that run beside each other: started each in a group of its own, watched, and
ended, they and what they started and nothing else."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.unprivileged import ends_with_parent

TOP = Path(__file__).parent.parent
LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One process that we started and have not reaped, so that its number stays its own."""

    name: str
    pid: int
    process: subprocess.Popen[bytes]


def start(name: str, command: str, *, environ: Mapping[str, str], log: Path | None = None) -> Child:
    """Runs `python -m service COMMAND`; the kernel ends it if we are killed."""
    output = None if log is None else _opened(log)
    try:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "service", command],
            cwd=TOP,
            env={**environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Ctrl-C reaches us only, and we end the children in order.
            process_group=0,
            # Only prctl and kill are called between fork and exec, so threads do no harm.
            preexec_fn=ends_with_parent(signal.SIGTERM),  # noqa: PLW1509
        )
    finally:
        if output is not None:
            os.close(output)
    return Child(name=name, pid=process.pid, process=process)


def has_ended(pid: int) -> bool:
    """Whether a process that we started has ended; it is not reaped."""
    options = os.WEXITED | os.WNOHANG | os.WNOWAIT
    return os.waitid(os.P_PID, pid, options) is not None


def wait_for_an_end(children: Sequence[Child]) -> Child:
    """Waits until one of the children ends, and answers which."""
    while True:
        for child in children:
            if has_ended(child.pid):
                return child
        time.sleep(LOOK_SECONDS)


def end(child: Child, *, seconds: float) -> None:
    """Ends a child and whatever is left of its group; it has so long to finish what it does."""
    if not has_ended(child.pid):
        os.kill(child.pid, signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while not has_ended(child.pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    # Not reaped yet, so its group's number cannot be anyone else's.
    os.killpg(child.pid, signal.SIGKILL)
    child.process.wait()


def _opened(log: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_NOFOLLOW
    return os.open(log, flags, 0o600)
