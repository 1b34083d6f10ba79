"""The embedded server: where it listens, whom it lets in, and what becomes of it when somebody is
killed or a folder is not as it should be."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from service.child_processes import TOP
from service.data_folder import is_held, kept_passwords
from service.embedded_postgres import (
    Server,
    attached_server,
    running_server,
    temporary_data_folder,
    temporary_server,
)
from service.postgres_cluster import recorded_place
from service.server_checks import StartRefused
from service.servers import with_login

HOLDER = """
import sys, time
from pathlib import Path
from service.embedded_postgres import running_server
with running_server(Path(sys.argv[1]), durable=False) as server:
    print(server.processes[0].pid, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def data() -> Iterator[Path]:
    with temporary_data_folder() as folder:
        yield folder


def ask(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        found = connection.execute(query.encode()).fetchone()
    assert found is not None
    return found[0]


def start_refused(data: Path) -> str:
    with pytest.raises(StartRefused) as refused, running_server(data, durable=False):
        pass
    return refused.value.sentence


def cluster_of(data: Path) -> Path:
    place = recorded_place(data)
    assert place is not None
    return place.cluster


def has_gone(pid: int) -> bool:
    """Waits for a process that is not our child to end."""
    for _ in range(600):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def holder(data: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Another process that runs the server of `data`, and the server's number."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data)], cwd=TOP, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield process, int(process.stdout.readline())
    process.kill()
    process.wait()
    process.stdout.close()


def test_the_owner_is_neither_superuser_nor_above_policies(data: Path) -> None:
    with running_server(data, durable=False) as server:
        powers = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        assert ask(server.owner_url, powers) is False
        assert ask(server.owner_url, "SELECT current_database()") == "portcullis"
        assert ask(server.owner_url, "SELECT current_setting('timezone')") == "UTC"


def test_the_data_outlives_the_server(data: Path) -> None:
    with (
        running_server(data, durable=False) as server,
        psycopg.connect(server.owner_url) as connection,
    ):
        connection.execute("CREATE TABLE kept AS SELECT 7 AS seven")
    with running_server(data, durable=False) as server:
        assert ask(server.owner_url, "SELECT seven FROM kept") == 7


def test_it_listens_on_a_private_socket_only_and_asks_for_a_password(data: Path) -> None:
    with running_server(data, durable=False) as server:
        assert server.superuser_url is not None
        assert ask(server.superuser_url, "SHOW listen_addresses") == ""
        place = recorded_place(data)
        assert place is not None
        for folder in (place.cluster, place.sockets):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(with_login(server.owner_url, "portcullis_owner", "wrong"))


def test_nobody_else_can_read_the_passwords_or_the_log(data: Path) -> None:
    with running_server(data, durable=False):
        for name in ("passwords.json", "postgres.log", "server.json", "lock"):
            assert stat.S_IMODE((data / name).stat().st_mode) == 0o600
        assert stat.S_IMODE(data.stat().st_mode) & 0o007 == 0


def test_a_repr_shows_no_password(data: Path) -> None:
    with running_server(data, durable=False) as server:
        passwords = kept_passwords(data)
        assert passwords is not None
        assert passwords.owner in server.owner_url
        assert passwords.owner not in repr(server) + repr(passwords)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to drop")
def test_root_drops_to_an_account_without_rights(data: Path) -> None:
    with running_server(data, durable=False) as server:
        owner = Path(f"/proc/{server.processes[0].pid}").stat().st_uid
        assert owner != 0
        assert cluster_of(data).stat().st_uid == owner
        assert (data / "passwords.json").stat().st_uid == 0


def test_a_path_too_long_for_a_socket_gets_one_elsewhere(data: Path) -> None:
    long = data / ("l" * 120)
    with running_server(long, durable=False) as server:
        assert ask(server.owner_url, "SELECT 1") == 1
        place = recorded_place(long)
        assert place is not None
        assert place.sockets_are_temporary
    assert not place.sockets.exists()


@pytest.mark.parametrize("name", ["with space", "çédille", "quote'\"s", "comma,", "100%@#?&="])
def test_any_name_of_a_folder_will_do(data: Path, name: str) -> None:
    with running_server(data / name, durable=False) as server:
        assert ask(server.owner_url, "SELECT 1") == 1


def test_two_servers_run_side_by_side() -> None:
    with temporary_server() as one, temporary_server() as other:
        for number, server in enumerate((one, other)):
            with psycopg.connect(server.owner_url) as connection:
                connection.execute(b"CREATE TABLE which AS SELECT %d AS number" % number)
        assert ask(one.owner_url, "SELECT number FROM which") == 0
        assert ask(other.owner_url, "SELECT number FROM which") == 1


def test_a_temporary_server_leaves_nothing_behind() -> None:
    with temporary_data_folder() as folder, running_server(folder, durable=False) as server:
        pid = server.processes[0].pid
    assert has_gone(pid)
    assert not folder.exists()


def test_a_folder_in_use_is_refused_and_its_server_can_be_joined(
    data: Path, holder: tuple[subprocess.Popen[str], int]
) -> None:
    assert start_refused(data) == (
        f"The data folder {data} is in use by process {holder[0].pid}: stop that one, or set "
        "PORTCULLIS_DATA (and PORTCULLIS_PORT) to run a second one beside it."
    )
    assert ask(attached_server(data).owner_url, "SELECT 1") == 1


def test_nothing_can_be_joined_where_nothing_runs(data: Path) -> None:
    with running_server(data, durable=False):
        pass
    assert not is_held(data)
    with pytest.raises(StartRefused, match="No database is running for the data folder"):
        attached_server(data)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel must tell the server of our end")
def test_the_server_ends_when_whoever_began_it_is_killed(
    data: Path, holder: tuple[subprocess.Popen[str], int]
) -> None:
    process, server = holder
    process.kill()
    process.wait()
    assert has_gone(server)
    with running_server(data, durable=False) as again:
        assert ask(again.owner_url, "SELECT 1") == 1


def test_a_killed_server_recovers_from_what_it_left(
    data: Path, holder: tuple[subprocess.Popen[str], int]
) -> None:
    process, server = holder
    os.kill(server, signal.SIGKILL)
    process.kill()
    process.wait()
    assert has_gone(server)
    assert (cluster_of(data) / "postmaster.pid").exists()
    with running_server(data, durable=False) as again:
        assert ask(again.owner_url, "SELECT 1") == 1


def test_a_number_that_now_belongs_to_another_process_is_no_server(data: Path) -> None:
    with running_server(data, durable=False):
        pid_file = cluster_of(data) / "postmaster.pid"
        left_behind = pid_file.read_text().split("\n")
    left_behind[0] = str(os.getpid())
    pid_file.write_text("\n".join(left_behind))
    os.chown(pid_file, cluster_of(data).stat().st_uid, -1)
    with running_server(data, durable=False) as server:
        assert ask(server.owner_url, "SELECT 1") == 1


def test_a_half_made_database_is_made_again(data: Path) -> None:
    unfinished = data / "postgres.making"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    with running_server(data, durable=False) as server:
        assert ask(server.owner_url, "SELECT 1") == 1
    assert not unfinished.exists()


def made(data: Path) -> Path:
    with running_server(data, durable=False):
        pass
    return cluster_of(data)


def test_a_database_of_another_major_release_is_refused(data: Path) -> None:
    cluster = made(data)
    (cluster / "PG_VERSION").write_text("17\n")
    assert start_refused(data) == (
        f"The database in {cluster} was made by PostgreSQL 17, and this version brings PostgreSQL "
        "18: move it over with pg_dump, or set PORTCULLIS_DATA to another folder."
    )


def test_a_folder_that_is_no_database_is_refused(data: Path) -> None:
    cluster = made(data)
    (cluster / "PG_VERSION").unlink()
    assert start_refused(data) == (
        f"The folder {cluster} is not a whole PostgreSQL database: move it away, or set "
        "PORTCULLIS_DATA to another folder."
    )


def test_a_damaged_database_is_refused_with_the_server_s_own_words(data: Path) -> None:
    cluster = made(data)
    (cluster / "global" / "pg_control").unlink()
    sentence = start_refused(data)
    assert sentence.startswith("PostgreSQL did not start: ")
    assert "pg_control" in sentence
    assert sentence.endswith(f"(the log is {data / 'postgres.log'}).")


def test_lost_passwords_are_refused(data: Path) -> None:
    cluster = made(data)
    (data / "passwords.json").unlink()
    assert start_refused(data) == (
        f"The database in {cluster} is there but its passwords are missing from {data}: bring them "
        "back, or move the database away to start afresh."
    )


def test_wrong_passwords_are_refused(data: Path) -> None:
    cluster = made(data)
    path = data / "passwords.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"superuser": "wrong"}))
    assert start_refused(data) == (
        f"The passwords kept in {data} are not those of the database in {cluster}: bring the right "
        "ones back, or move the database away."
    )


def test_a_file_in_the_place_of_the_data_folder_is_refused(data: Path) -> None:
    data.mkdir()
    (data / "file").write_text("")
    assert start_refused(data / "file" / "data") == (
        f"The folder {data / 'file' / 'data'} cannot be made (Not a directory): set "
        "PORTCULLIS_DATA to a folder that you may write."
    )


def test_urls_name_the_logins_of_the_migration(data: Path) -> None:
    with running_server(data, durable=False) as server:
        assert isinstance(server, Server)
        assert server.app_url.startswith("postgresql://portcullis_app:")
        assert server.worker_url.startswith("postgresql://portcullis_worker:")
