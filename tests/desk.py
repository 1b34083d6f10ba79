"""A client at the desk: someone of the cast who signs in and asks over HTTP, through every layer
of the real application."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from httpx2 import Response
from pydantic_settings import BaseSettings
from pydantic_settings import PydanticBaseSettingsSource as Source
from starlette.testclient import TestClient

from rules.roles import RoleGrant
from service.app import build_app
from service.settings import Settings
from storage.pools import open_pool
from tenancy.development_issuer import DevelopmentToken, load_or_make_key, mint
from tenancy.scopes import Pool
from tests.cast import NOW, OLIVE, Person
from tests.database_server import Database

TOKEN_SECONDS = 3600


@dataclass(slots=True)
class Clock:
    """The clock of the application under test; it stands until a test moves it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One person at the application. `as_` is the same application for someone else."""

    http: TestClient
    clock: Clock
    key_file: Path
    person: Person | None
    grants: tuple[RoleGrant, ...] | None = None
    tokens: dict[tuple[object, ...], str] = field(default_factory=dict)

    def as_(self, person: Person | None, *grants: RoleGrant) -> "Desk":
        """Someone else, with other roles than their own where some are given; None: nobody."""
        return replace(self, person=person, grants=grants or None)

    def ask(self, query: str, /, **variables: object) -> dict[str, Any]:
        """The `data` of an operation that must not have top-level errors."""
        body = self.answer(query, **variables)
        assert "errors" not in body, body["errors"]
        data: dict[str, Any] = body["data"]
        return data

    def answer(self, query: str, /, **variables: object) -> dict[str, Any]:
        """The whole body, errors and all."""
        body: dict[str, Any] = self.send(query, variables).json()
        return body

    def error_codes(self, query: str, /, **variables: object) -> list[str]:
        """The codes of the top-level errors."""
        errors = self.answer(query, **variables).get("errors", [])
        return [error["extensions"]["code"] for error in errors]

    def send(self, query: str, variables: dict[str, Any] | None = None) -> Response:
        """The HTTP answer itself."""
        headers = {"accept": "application/graphql-response+json", **self.headers()}
        body = {"query": query, "variables": variables or {}}
        response: Response = self.http.post("/graphql", json=body, headers=headers)
        return response

    def headers(self) -> dict[str, str]:
        """The header that signs the person in."""
        if self.person is None:
            return {}
        return {"authorization": f"Bearer {self.token()}"}

    def token(self) -> str:
        """A development token of the person, made once."""
        assert self.person is not None
        known = (self.person, self.grants)
        if known not in self.tokens:
            self.tokens[known] = development_token(self.key_file, self.person, self.grants)
        return self.tokens[known]


def development_token(
    key_file: Path, person: Person, grants: tuple[RoleGrant, ...] | None = None
) -> str:
    """A token as `python -m service token` prints one."""
    wanted = DevelopmentToken(
        subject=person.primary_id,
        institution_code=person.institution_code,
        grants=person.grants if grants is None else grants,
        token_id=uuid4().hex,
    )
    key = load_or_make_key(key_file)
    return mint(key, wanted, now=datetime.now(UTC), seconds=TOKEN_SECONDS)


@contextmanager
def open_desk(
    database: Database, data: Path, *, pool: Pool | None = None, **settings: Any
) -> Iterator[Desk]:
    """The application over a database, with Olive before it. It closes the pool."""
    chosen = settings_for(database, data, **settings)
    clock = Clock()
    pool = pool or open_pool(database.app_url, size=chosen.pool_size, name="portcullis-test")
    with TestClient(build_app(chosen, pool, clock=clock)) as http:
        yield Desk(http=http, clock=clock, key_file=chosen.dev_key, person=OLIVE)


class GivenSettings(Settings):
    """Settings of which none comes from this machine's environment."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: Source,
        *others: Source,
        **more: Source,
    ) -> tuple[Source, ...]:
        return (init_settings,)


def settings_for(database: Database, data: Path, **settings: Any) -> Settings:
    """The settings of the application under test."""
    given: dict[str, Any] = {
        "data": data,
        "app_database_url": database.app_url,
        "worker_database_url": database.worker_url,
        "pool_size": 4,
        "api_threads": 4,
        "rate_limit_per_minute": 1_000_000,
    }
    return GivenSettings(**(given | settings))
