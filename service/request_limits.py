"""What stops a request before GraphQL sees it: a refusal with its HTTP status, the size of the body
and how many operations a principal may send."""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from starlette.requests import ClientDisconnect, Request

from schema.masking import ErrorBody, error_body
from storage.handles import DatabaseAway
from tenancy.principal import SignInCode, SignInRefused

BODY_LIMIT = 1024 * 1024
KEYS_RETRY_SECONDS = 60
DATABASE_RETRY_SECONDS = 5

AWAY = "The database cannot be reached right now. Nothing was changed. Try again in a few seconds."
IN_DOUBT = (
    "The database was lost while the change was being kept. Look whether it was made before you "
    "try again."
)

_log = structlog.get_logger("portcullis.database")


class HttpRefusal(Exception):
    """A request that is turned down whatever its operation says."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.error: ErrorBody = error_body(code, message, **(details or {}))


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """Where a principal stands after this operation was charged."""

    limit: int
    remaining: int
    resets_in_seconds: int
    exceeded: bool = False

    def as_extension(self) -> dict[str, int]:
        return {
            "limit": self.limit,
            "remaining": self.remaining,
            "resetsInSeconds": self.resets_in_seconds,
        }


def require_within(rate: RateLimit) -> None:
    if rate.exceeded:
        seconds = max(1, rate.resets_in_seconds)
        raise HttpRefusal(
            429,
            "RATE_LIMIT",
            f"Too many operations: {rate.limit} are allowed. Try again in {seconds} seconds.",
            headers={"Retry-After": str(seconds)},
            details={"limit": rate.limit, "rateLimit": rate.as_extension()},
        )


def refused_sign_in(refusal: SignInRefused, *, tried: bool) -> HttpRefusal:
    """Who asks is not known: 401, or 503 where it cannot be found out now. `tried` says whether
    the request carried anything to sign in with."""
    if refusal.code is SignInCode.KEYS_UNAVAILABLE:
        retry = {"Retry-After": str(KEYS_RETRY_SECONDS)}
        return HttpRefusal(503, "SIGN_IN_UNAVAILABLE", refusal.sentence, headers=retry)
    challenge = 'Bearer error="invalid_token"' if tried else "Bearer"
    return HttpRefusal(
        401, "UNAUTHENTICATED", refusal.sentence, headers={"WWW-Authenticate": challenge}
    )


def database_away(error: DatabaseAway) -> HttpRefusal:
    """The operation could not be carried out now; that is nobody's mistake, so it is no incident.
    The log tells of it."""
    _log.warning("the database is away", in_doubt=error.is_in_doubt, exc_info=error)
    retry = {"Retry-After": str(DATABASE_RETRY_SECONDS)}
    sentence = IN_DOUBT if error.is_in_doubt else AWAY
    return HttpRefusal(503, "DATABASE_AWAY", sentence, headers=retry)


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body, but never more than the limit, whatever the headers promise."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or len(declared) > 15 or int(declared) > limit:
        raise too_large(limit)
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise too_large(limit)
            chunks.append(chunk)
    except ClientDisconnect:
        raise HttpRefusal(400, "BAD_REQUEST", "The request ended too early.") from None
    return b"".join(chunks)


def too_large(limit: int) -> HttpRefusal:
    message = f"The request is too large: at most {limit} bytes are allowed."
    return HttpRefusal(413, "BODY_LIMIT", message, details={"limit": limit})
