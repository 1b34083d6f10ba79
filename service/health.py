"""Whether a part of the service is at work, asked from beside it, for containers to ask."""

import psycopg
from httpx2 import Client, HTTPError

from service.logins import worker_url
from service.servers import connected
from service.settings import Settings

# From this very machine, since another container's worker says nothing about this one's.
_SESSIONS = """
SELECT count(*)
  FROM pg_catalog.pg_stat_activity
 WHERE application_name = %s
   AND usename = current_user
   AND client_addr IS NOT DISTINCT FROM pg_catalog.inet_client_addr()
"""


def answer_of_api(settings: Settings) -> str:
    """The status with which the API answers the question whether it is ready."""
    try:
        # A proxy of the environment has no business between us and ourselves.
        with Client(trust_env=False, timeout=5) as client:
            return str(client.get(f"{settings.api_address}/readyz").status_code)
    except HTTPError:
        return "none"


def is_at_work(part: str, settings: Settings) -> bool:
    """Whether the API is ready; whether a worker or a clock holds its connections."""
    if part == "api":
        return answer_of_api(settings) == "200"
    with connected(worker_url(settings)) as connection:
        return _sessions(connection, f"portcullis-{part}") > 0


def _sessions(connection: psycopg.Connection[tuple[object, ...]], name: str) -> int:
    found = connection.execute(_SESSIONS, [name]).fetchone()
    return int(str(found[0])) if found is not None else 0
