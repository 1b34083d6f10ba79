"""`make up`, run as a developer runs it: what it starts, what it prints, and how it all ends."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import psycopg
import pytest

from service.child_processes import TOP
from service.embedded_postgres import attached_server, temporary_data_folder
from tests.live_service import free_port

# Each start takes a few processors for itself, so these run one after the other.
pytestmark = [
    pytest.mark.xdist_group("up"),
    pytest.mark.skipif(sys.platform != "linux", reason="they look into /proc"),
]


@dataclass(kw_only=True)
class Up:
    """A `python -m service up` that is running, and all that it has said."""

    data: Path
    port: int
    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)
    is_ready: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.rstrip("\n"))
            if "Ctrl-C stops everything." in line:
                self.is_ready.set()
        self.is_ready.set()

    def children(self) -> dict[int, str]:
        """The processes that it started itself, by their numbers."""
        pid = self.process.pid
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return {
            int(child): Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ").strip()
            for child in listed
        }

    def child(self, name: str) -> int:
        [pid] = [pid for pid, arguments in self.children().items() if arguments.endswith(name)]
        return pid

    def end(self, with_signal: signal.Signals) -> int:
        self.process.send_signal(with_signal)
        return self.process.wait(60)

    def answers(self) -> bool:
        try:
            return httpx2.get(f"http://127.0.0.1:{self.port}/readyz").status_code == 200
        except httpx2.TransportError:
            return False


@pytest.fixture
def data() -> Iterator[Path]:
    with temporary_data_folder() as folder:
        yield folder


def environment(data: Path, port: int) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PORTCULLIS_")}
    return kept | {"PORTCULLIS_DATA": str(data), "PORTCULLIS_PORT": str(port)}


@contextmanager
def up(data: Path, *, port: int | None = None) -> Iterator[Up]:
    port = port or free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "service", "up"],
        cwd=TOP,
        env=environment(data, port),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # Signals of the terminal go to this group, and not to the tests.
        start_new_session=True,
    )
    running = Up(data=data, port=port, process=process)
    listener = threading.Thread(target=running.listen)
    listener.start()
    try:
        assert running.is_ready.wait(120)
        yield running
    finally:
        if process.poll() is None:
            running.end(signal.SIGTERM)
        listener.join()
        assert process.stdout is not None
        process.stdout.close()


def refused(data: Path, port: int) -> str:
    asked = subprocess.run(
        [sys.executable, "-m", "service", "up"],
        cwd=TOP,
        env=environment(data, port),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert asked.returncode == 2
    assert asked.stdout == ""
    return asked.stderr


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def all_end(pids: set[int]) -> bool:
    """Waits for processes that are not our children to end."""
    tries = 0
    while any(is_alive(pid) for pid in pids) and tries < 900:
        threading.Event().wait(0.1)
        tries += 1
    return tries < 900


def test_it_prints_what_a_newcomer_needs_and_ctrl_c_ends_all_of_it(data: Path) -> None:
    with up(data) as running:
        address = f"http://127.0.0.1:{running.port}"
        assert f"GraphQL   {address}/graphql" in running.said
        assert f"GraphiQL  {address}/graphiql" in running.said
        assert "A first query, for GraphiQL with one of the tokens:" in running.said
        token = next(
            running.said[place + 1].strip()
            for place, line in enumerate(running.said)
            if "CIRCULATION_DESK_OPERATOR" in line
        )
        query = next(line.strip() for line in running.said if line.startswith("  { "))
        answer = httpx2.post(
            f"{address}/graphql",
            json={"query": query},
            headers={"authorization": f"Bearer {token}"},
        )
        assert answer.status_code == 200
        assert "errors" not in answer.json()
        assert answer.json()["data"]["user"]["blocks"]["nodes"] != []
        children = running.children()
        assert len(children) == 4
        # Ctrl-C reaches the whole group that the terminal has in front.
        os.killpg(running.process.pid, signal.SIGINT)
        assert running.process.wait(60) == 0
    assert not any(is_alive(pid) for pid in children)
    assert running.said[-1] == "Stopped."


def test_the_second_start_keeps_the_data(data: Path) -> None:
    with up(data) as running:
        first = list(running.said)
        users = count_of_users(data)
        assert running.end(signal.SIGTERM) == 0
    with up(data) as running:
        assert count_of_users(data) == users > 0
        assert sum(line.startswith("Loaded ") for line in first) == 3
        assert not any(line.startswith("Loaded ") for line in running.said)


def count_of_users(data: Path) -> int:
    url = attached_server(data).superuser_url
    assert url is not None
    with psycopg.connect(url, dbname="portcullis") as connection:
        found = connection.execute("SELECT count(*) FROM user_account").fetchone()
    assert found is not None
    count: int = found[0]
    return count


def test_two_run_side_by_side_and_one_s_end_is_not_the_other_s(data: Path) -> None:
    with temporary_data_folder() as second, up(data) as one, up(second) as other:
        assert one.answers()
        assert other.answers()
        assert other.end(signal.SIGINT) == 0
        assert one.answers()
        assert len(one.children()) == 4


def test_a_busy_port_is_refused_before_anything_is_started(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        assert refused(data, port) == (
            f"Port {port} on 127.0.0.1 is busy: stop what uses it, or set PORTCULLIS_PORT to "
            "another.\n"
        )
    assert not (data / "postgres").exists()


def test_a_second_start_on_the_same_folder_is_refused(data: Path) -> None:
    with up(data) as running:
        assert refused(data, free_port()) == (
            f"The data folder {data} is in use by process {running.process.pid}: stop that one, or "
            "set PORTCULLIS_DATA (and PORTCULLIS_PORT) to run a second one beside it.\n"
        )
        assert running.answers()


@pytest.mark.parametrize("name", ["api", "clock"])
def test_when_a_part_ends_it_says_which_and_ends_the_rest(data: Path, name: str) -> None:
    with up(data) as running:
        children = running.children()
        os.kill(running.child(f"service {name}"), signal.SIGKILL)
        assert running.process.wait(60) == 1
    assert all_end(set(children))
    assert any(
        line.startswith(f"The process {name!r} has ended by itself") for line in running.said
    )


def test_when_the_database_ends_it_says_so_and_ends_the_rest(data: Path) -> None:
    with up(data) as running:
        children = running.children()
        [server] = [pid for pid, arguments in children.items() if "/postgres -D" in arguments]
        os.kill(server, signal.SIGINT)
        assert running.process.wait(60) == 1
    assert all_end(set(children))
    assert any(line.startswith("The process 'postgres' has ended") for line in running.said)


def test_after_a_kill_nothing_is_left_and_the_next_start_works(data: Path) -> None:
    with up(data) as running:
        children = running.children()
        running.end(signal.SIGKILL)
        assert all_end(set(children))
    with up(data, port=running.port) as again:
        assert again.answers()


def test_it_can_be_stopped_while_it_starts(data: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "service", "up"],
        cwd=TOP,
        env=environment(data, free_port()),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "Starting the database ...\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert process.stderr.read().splitlines()[-1] == "Stopped."
    process.stderr.close()


def test_it_is_for_development_only(data: Path) -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "service", "up"],
        cwd=TOP,
        env=environment(data, free_port()) | {"PORTCULLIS_ENVIRONMENT": "production"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 2
    assert asked.stderr == (
        "`up` is for development: in production start `migrate`, `api`, `worker` and `clock` each "
        "by itself, or unset PORTCULLIS_ENVIRONMENT.\n"
    )
