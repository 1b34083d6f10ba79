"""The service as its operators start it: real processes, a real port."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.cast import Person
from tests.database_server import Database
from tests.desk import development_token

READY_SECONDS = 60
STOP_SECONDS = 30
TOP = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveService:
    """A running API of two processes."""

    url: str
    key_file: Path
    process: subprocess.Popen[bytes]

    def headers(self, person: Person) -> dict[str, str]:
        """The headers with which a person of the cast asks."""
        token = development_token(self.key_file, person)
        return {
            "authorization": f"Bearer {token}",
            "accept": "application/graphql-response+json",
        }

    def post(self, person: Person, query: str, **variables: object) -> httpx2.Response:
        body = {"query": query, "variables": variables}
        return httpx2.post(f"{self.url}/graphql", json=body, headers=self.headers(person))


def environment_of(database: Database, data: Path, **settings: object) -> dict[str, str]:
    """The environment of a process: this one's without its settings, and those that are given."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PORTCULLIS_")}
    given = {
        "data": data,
        "app_database_url": database.app_url,
        "worker_database_url": database.worker_url,
    } | settings
    return kept | {f"PORTCULLIS_{name.upper()}": str(value) for name, value in given.items()}


@contextmanager
def live_service(database: Database, data: Path, **settings: object) -> Iterator[LiveService]:
    """`python -m service api` with two processes, ended afterwards."""
    port = free_port()
    environment = environment_of(
        database,
        data,
        **({"port": port, "api_processes": 2, "pool_size": 4, "log_level": "warning"} | settings),
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "service", "api"],
        cwd=TOP,
        env=environment,
        # A group of its own, so that uvicorn's children end with it whatever happens.
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(url, process)
        yield LiveService(url=url, key_file=data / "development-key.json", process=process)
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    began = time.monotonic()
    while time.monotonic() - began < READY_SECONDS:
        assert process.poll() is None, f"the service ended with status {process.returncode}"
        try:
            if httpx2.get(f"{url}/readyz", timeout=5).status_code == httpx2.codes.OK:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError("the service did not become ready")
