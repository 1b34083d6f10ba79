"""Every setting of the service, read from environment variables that begin with PORTCULLIS_."""

import ipaddress
from enum import Enum
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "PORTCULLIS_"

Count = Annotated[int, Field(ge=1)]


class Environment(Enum):
    """Whether this is somebody's own machine, or a service that others rely on."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


def _postgres_url(value: str) -> str:
    if urlsplit(value).scheme not in {"postgresql", "postgres"}:
        raise ValueError("it must be a URL that begins with postgresql://")
    return value


def _no_other_broker(value: str) -> str:
    if urlsplit(value).scheme not in {"postgresql", "postgres"}:
        raise ValueError("so far messages wait in PostgreSQL only, so leave it unset")
    return value


def _http_url(value: str) -> str:
    address = urlsplit(value)
    if address.scheme not in {"http", "https"} or not address.netloc:
        raise ValueError("it must be a URL that begins with http:// or https://")
    return value


def _origin(value: str) -> str:
    address = urlsplit(_http_url(value))
    if address.path or address.query or address.fragment:
        raise ValueError("an origin is a scheme, a host and a port, as in https://desk.example")
    return value


def _split_at_commas(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


PostgresUrl = Annotated[str, AfterValidator(_postgres_url)]
Origin = Annotated[str, AfterValidator(_origin)]


class Settings(BaseSettings):
    """The names are the environment variables without their prefix, in small letters."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore"
    )

    environment: Environment = Field(
        default=Environment.DEVELOPMENT,
        description="development (demo sign-in, GraphiQL; this machine only) or production.",
    )
    host: str = Field(default="127.0.0.1", description="Address on which the API listens.")
    port: int = Field(default=8080, ge=1, le=65_535, description="Port on which the API listens.")
    data: Annotated[Path, AfterValidator(Path.absolute)] = Field(
        default=Path(".portcullis"),
        validate_default=True,
        description="Folder of the embedded database, its passwords and the development key.",
    )
    dev_key: Annotated[Path, AfterValidator(Path.absolute)] = Field(
        default_factory=lambda fields: fields["data"] / "development-key.json",
        description="File of the key that signs development tokens.",
        json_schema_extra={"default_words": "development-key.json in the data folder"},
    )

    database_url: PostgresUrl | None = Field(
        default=None,
        description="The owner's login, for migrations only; unset starts an embedded server.",
    )
    app_database_url: PostgresUrl | None = Field(
        default=None, description="The API's login; unset takes the one that the migration made."
    )
    worker_database_url: PostgresUrl | None = Field(
        default=None, description="The workers' login; unset takes the one that the migration made."
    )
    broker_url: Annotated[str, AfterValidator(_no_other_broker)] | None = Field(
        default=None,
        description="Where job messages wait; unset: in the workers' database.",
    )
    pool_size: Count = Field(default=8, description="Database connections of each API process.")

    api_processes: Count = Field(default=2, description="Processes that answer requests.")
    api_threads: Count = Field(
        default=8, description="Operations that one API process runs at once."
    )
    worker_processes: Count = Field(default=1, description="Processes that run jobs.")
    worker_threads: Count = Field(
        default=4, description="Jobs that one worker process runs at once."
    )
    connections: Count = Field(
        default=512, description="Connections that one API process accepts before it answers 503."
    )
    keep_alive_seconds: Count = Field(
        default=5, description="How long an idle connection stays open."
    )
    shutdown_seconds: Count = Field(
        default=20, description="How long requests and jobs may finish when the service stops."
    )

    introspection: bool = Field(default=True, description="Whether clients may ask for the schema.")
    graphql_tokens: Count = Field(
        default=2_000, description="Largest number of tokens in a document."
    )
    graphql_depth: Count = Field(
        default=24, description="Deepest nesting of fields in an operation."
    )
    graphql_aliases: Count = Field(
        default=30, description="Largest number of aliases in an operation."
    )
    graphql_directives: Count = Field(default=8, description="Largest number of directives in one.")
    graphql_operations: Count = Field(
        default=10, description="Largest number of operations in a document."
    )
    graphql_fragments: Count = Field(
        default=100, description="Largest number of fragments in a document."
    )
    graphql_rows: Count = Field(
        default=20_000, description="Most rows an operation may ask for (the product of its pages)."
    )
    graphql_page: Count = Field(default=100, description="Largest `first` of a connection.")
    body_bytes: Count = Field(default=1_048_576, description="Largest body of a GraphQL request.")
    upload_bytes: Count = Field(default=20_971_520, description="Largest file sent to /uploads.")
    websocket_bytes: Count = Field(default=65_536, description="Largest message of a WebSocket.")
    rate_limit_per_minute: Count = Field(
        default=6_000, description="Operations that one principal may run each minute."
    )
    allowed_origins: Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(_split_at_commas)] = (
        Field(default=(), description="Web origins that may call the API, separated by commas.")
    )

    pass_minutes: Count = Field(
        default=5, description="How long the pass of an allowed action is good."
    )

    otlp_endpoint: Annotated[str, AfterValidator(_http_url)] | None = Field(
        default=None, description="Where traces go (OTLP over HTTP); unset exports none."
    )
    metrics_token: Annotated[SecretStr, Field(min_length=16)] | None = Field(
        default=None,
        description="Bearer token for /metrics; unset: open in development, absent in production.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least serious messages that are logged."
    )

    @model_validator(mode="after")
    def _development_stays_on_this_machine(self) -> Self:
        if self.is_development and not _is_loopback(self.host):
            raise ValueError(
                f"{PREFIX}HOST is {self.host!r}, which other machines can reach, but development "
                f"sign-in is open: use 127.0.0.1, or set {PREFIX}ENVIRONMENT=production."
            )
        return self

    def __repr__(self) -> str:
        # The URLs hold passwords, and a repr ends up in tracebacks and logs.
        return f"{type(self).__name__}(port={self.port}, data={self.data})"

    __str__ = __repr__

    @property
    def is_development(self) -> bool:
        """Whether development sign-in and GraphiQL are there."""
        return self.environment is Environment.DEVELOPMENT

    @property
    def api_address(self) -> str:
        """The API's own address as a browser on this machine writes it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared only
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
