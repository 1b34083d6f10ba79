"""`make bench`: the two hot queries against the bare endpoint, in turns, on a loaded network.

Prints requests per second, p50, p99 and the ratio of the rates, round by round and as medians.
Needs `wrk` (a Debian package). BENCH_USERS and _INSTITUTIONS change the size.
"""

import json
import os
import secrets
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import psycopg

from bench.queries import USER, USERS
from bench.servers import API, bare, memory_megabytes, running
from rules.roles import Role
from service.embedded_postgres import Server, running_server
from service.load import load_network
from service.servers import migrate_database
from service.settings import Settings
from service.tokens import development_token

OUT = Path(__file__).parent / "out"
INSTITUTIONS = int(os.environ.get("BENCH_INSTITUTIONS", "50"))
USER_COUNT = int(os.environ.get("BENCH_USERS", "1000000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "8"))
REQUESTS = 4000
API_PORT, BARE_PORT = 18_080, 18_081
PROCESSES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One run of the load generator; times in milliseconds."""

    rate: float
    p50: float
    p99: float
    errors: int


def main() -> None:
    """Load the network once, then measure."""
    if shutil.which("wrk") is None:
        sys.exit("make bench needs the load generator wrk (Debian: apt-get install wrk).")
    OUT.mkdir(exist_ok=True)
    data = OUT / f"data-{INSTITUTIONS}-{USER_COUNT}"
    with running_server(data.absolute(), say=_say) as server:
        migrate_database(server)
        load_network(server.owner_url, institutions=INSTITUTIONS, users=USER_COUNT)
        settings = Settings(data=data.absolute(), rate_limit_per_minute=100_000_000)
        variables = _variables(settings)
        files = _request_files(server, settings)
        for name in ("a", "b"):
            _compare(name, files, variables)


def _variables(settings: Settings) -> dict[str, str]:
    return {
        "PORTCULLIS_DATA": str(settings.data),
        "PORTCULLIS_PORT": str(API_PORT),
        "PORTCULLIS_API_PROCESSES": str(PROCESSES),
        "PORTCULLIS_RATE_LIMIT_PER_MINUTE": str(settings.rate_limit_per_minute),
        "PORTCULLIS_LOG_LEVEL": "warning",
    }


def _compare(name: str, files: dict[str, Path], variables: dict[str, str]) -> None:
    ours, limit = [], []
    rest: list[int] = []
    busy: list[int] = []
    for _ in range(ROUNDS):
        with running(API, variables, probe=f"http://127.0.0.1:{API_PORT}/healthz") as process:
            _require_answer(files[f"{name}-api"])
            rest = memory_megabytes(process)
            _load(files[f"{name}-api"], API_PORT, 2)
            ours.append(_load(files[f"{name}-api"], API_PORT, SECONDS))
            busy = memory_megabytes(process)
        command = bare(BARE_PORT, PROCESSES)
        with running(command, variables, probe=f"http://127.0.0.1:{BARE_PORT}/"):
            _load(files[f"{name}-bare"], BARE_PORT, 2)
            limit.append(_load(files[f"{name}-bare"], BARE_PORT, SECONDS))
        _say(f"({name}) round: {_line(ours[-1])} | bare {_line(limit[-1])}")
    ratio = statistics.median(a.rate / b.rate for a, b in zip(ours, limit, strict=True))
    print(f"({name}) service  {_line(_median(ours))}")
    print(f"({name}) bare     {_line(_median(limit))}")
    print(f"({name}) ratio    {ratio:.2f} of the bare rate")
    print(f"({name}) memory   MiB of each API process at rest {rest}, under load {busy}")


def _require_answer(requests: Path) -> None:
    """A service that only refuses is fast: the first request must be answered in full."""
    with requests.open(encoding="utf-8") as lines:
        _, path, token, body = next(lines).rstrip("\n").split("\t")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    url = f"http://127.0.0.1:{API_PORT}{path}"
    answer = httpx2.post(url, content=body, headers=headers).json()
    if "errors" in answer or None in answer["data"].values():
        sys.exit(f"The service does not answer what is measured: {str(answer)[:300]}")


def _load(requests: Path, port: int, seconds: int) -> Result:
    script = Path(__file__).with_name("load.lua")
    done = subprocess.run(
        [
            *("wrk", "-t1", "-c16", f"-d{seconds}s", "-s", str(script)),
            *(f"http://127.0.0.1:{port}/", "--", str(requests)),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return Result(
        rate=found["requests"] / found["seconds"],
        p50=found["p50"],
        p99=found["p99"],
        errors=found["errors"],
    )


def _request_files(server: Server, settings: Settings) -> dict[str, Path]:
    """What is asked: identifiers drawn from all institutions, each with its own bearer token."""
    now = datetime.now(UTC)
    drawn: dict[str, list[str]] = {}
    with psycopg.connect(server.owner_url) as owner:
        owner.execute("SET LOCAL app.realm = 'network'")
        codes = [code for (code,) in owner.execute("SELECT institution_code FROM institution")]
        for code in codes:
            owner.execute(f"SET LOCAL app.institution = '{code}'".encode())
            rows = owner.execute(
                "SELECT i.value FROM user_identifier i TABLESAMPLE SYSTEM (20)"
                " WHERE EXISTS (SELECT FROM user_block b WHERE b.institution_code ="
                " i.institution_code AND b.user_id = i.user_id AND b.removed_at IS NULL) LIMIT %s",
                [REQUESTS // len(codes)],
            )
            drawn[code] = [value for (value,) in rows]
    lines: dict[str, list[str]] = {"a-api": [], "a-bare": [], "b-api": [], "b-bare": []}
    for code, identifiers in drawn.items():
        token = development_token(
            settings,
            institution_code=code,
            role=Role.CIRCULATION_DESK_OPERATOR,
            user=None,
            seconds=7200,
            now=now,
        )
        many = json.dumps({"query": USERS})
        lines["b-api"].append(f"POST\t/graphql\t{token}\t{many}")
        lines["b-bare"].append(f"GET\t/users/{code}\t\t")
        for identifier in identifiers:
            one = json.dumps({"query": USER, "variables": {"identifier": identifier}})
            lines["a-api"].append(f"POST\t/graphql\t{token}\t{one}")
            lines["a-bare"].append(f"GET\t/user/{code}/{identifier}\t\t")
    files = {}
    for name, requests in lines.items():
        secrets.SystemRandom().shuffle(requests)
        files[name] = OUT / f"{name}.txt"
        files[name].write_text("\n".join(requests) + "\n", encoding="utf-8")
    return files


def _median(results: list[Result]) -> Result:
    return Result(
        rate=statistics.median(result.rate for result in results),
        p50=statistics.median(result.p50 for result in results),
        p99=statistics.median(result.p99 for result in results),
        errors=sum(result.errors for result in results),
    )


def _line(result: Result) -> str:
    return f"{result.rate:7.0f} requests/s  p50 {result.p50:6.2f} ms  p99 {result.p99:6.2f} ms" + (
        f"  {result.errors} errors" if result.errors else ""
    )


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
