"""Starts the service's API or the bare endpoint as processes of their own, and looks at them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psutil

API = [sys.executable, "-m", "service", "api"]


def bare(port: int, processes: int) -> list[str]:
    """The command of the bare endpoint."""
    return [
        *(sys.executable, "-m", "uvicorn", "bench.bare:create_app", "--factory"),
        *("--port", str(port), "--workers", str(processes), "--log-level", "warning"),
        *("--no-access-log", "--no-server-header"),
    ]


@contextmanager
def running(
    command: list[str], settings: dict[str, str], *, probe: str
) -> Iterator[psutil.Process]:
    """The process, once its probe answers anything; ended with all its children."""
    process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=subprocess.DEVNULL)
    try:
        _await(probe, process)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def memory_megabytes(process: psutil.Process) -> list[int]:
    """Proportional memory of a process and each of its children, in MiB, largest first."""
    family = [process, *process.children(recursive=True)]
    return sorted((_proportional(member) for member in family), reverse=True)


def _proportional(process: psutil.Process) -> int:
    rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii")
    line = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) // 1024


def _await(probe: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            message = f"{process.args!r} ended with status {process.returncode}."
            raise RuntimeError(message)
        try:
            httpx2.get(probe, timeout=1)
        except httpx2.HTTPError:
            time.sleep(0.1)
        else:
            time.sleep(1.5)  # the other processes of the same port
            return
    message = f"Nothing answers at {probe}."
    raise RuntimeError(message)
