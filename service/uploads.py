"""POST /uploads: a file for a mutation that names it by the id it is answered with.

The person's role is looked at before the file is. A form with one file is taken, as browsers and
`curl -F file=@table.csv` send it, or the bare file.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from uuid import UUID

import orjson
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from resolvers.uploads import keep_upload
from schema.access import HTTP_ACCESS
from schema.ids import encoded
from schema.masking import ErrorMasking
from service.request_limits import (
    HttpRefusal,
    RateLimit,
    database_away,
    read_body,
    refused_sign_in,
    require_within,
    too_large,
)
from storage.handles import DatabaseAway
from tenancy.principal import Principal, SignInRefused
from tenancy.scopes import InstitutionScope, WritingScope

PATH = "/uploads"
FORM = "multipart/form-data"
BARE = frozenset(
    {
        "text/csv",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/octet-stream",
    }
)
FORM_BYTES = 16 * 1024
"""What a form may need beside the file itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadEdge:
    """What uploads are given by the application, as the GraphQL endpoint is."""

    authenticate: Callable[[Request], Awaitable[Principal]]
    open_reading: Callable[[Principal], AbstractContextManager[InstitutionScope]]
    open_writing: Callable[[Principal], AbstractContextManager[WritingScope]]
    charge: Callable[[Principal], RateLimit] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A file as it came, and the name it had at the sender's."""

    name: str
    content: bytes


class UploadEndpoint:
    """An ASGI application for one route: `Route("/uploads", endpoint=UploadEndpoint(…))`."""

    def __init__(self, edge: UploadEdge, masking: ErrorMasking, *, limit: int) -> None:
        self._edge = edge
        self._masking = masking
        self._limit = limit
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="upload")

    def close(self) -> None:
        """Wait for the uploads under way, then end the threads."""
        self._threads.shutdown(wait=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._response(scope, receive)
        await response(scope, receive, send)

    async def _response(self, scope: Scope, receive: Receive) -> Response:
        try:
            if scope["method"] != "POST":
                raise HttpRefusal(405, "METHOD", "Use POST.", headers={"Allow": "POST"})
            principal = await self._sign_in(Request(scope))
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._threads, self._admit, principal)
            file = await _received(scope, receive, self._limit)
            number = await loop.run_in_executor(self._threads, self._keep, principal, file)
        except HttpRefusal as refusal:
            return _json(refusal.status, {"errors": [refusal.error]}, **refusal.headers)
        except DatabaseAway as error:
            away = database_away(error)
            return _json(away.status, {"errors": [away.error]}, **away.headers)
        except Exception as error:
            return _json(500, {"errors": [self._masking.body_of_exception(error)]})
        return _json(201, {"upload": encoded("x", number)})

    async def _sign_in(self, request: Request) -> Principal:
        try:
            return await self._edge.authenticate(request)
        except SignInRefused as refusal:
            tried = "authorization" in request.headers
            raise refused_sign_in(refusal, tried=tried) from None

    def _admit(self, principal: Principal) -> None:
        if self._edge.charge is not None:
            require_within(self._edge.charge(principal))
        if principal.institution_code is None:
            raise _not_permitted("The network's own sign-in changes no institution.")
        with self._edge.open_reading(principal) as scope:
            if not scope.has_any_role(HTTP_ACCESS[f"POST {PATH}"].roles):
                raise _not_permitted("Your roles do not allow this.")

    def _keep(self, principal: Principal, file: SentFile) -> UUID:
        with self._edge.open_writing(principal) as scope:
            return keep_upload(scope, file.name, file.content)


async def _received(scope: Scope, receive: Receive, limit: int) -> SentFile:
    kind = Request(scope).headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == FORM:
        return await _from_form(scope, receive, limit)
    if kind not in BARE:
        known = ", ".join([FORM, *sorted(BARE)])
        raise HttpRefusal(415, "CONTENT_TYPE", f"A file comes as one of {known}.")
    return _checked("", await read_body(Request(scope, receive), limit), limit)


async def _from_form(scope: Scope, receive: Receive, limit: int) -> SentFile:
    request = Request(scope, _bounded(receive, limit))
    try:
        async with request.form(max_files=1, max_fields=0) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise _bad_request("The form has no file with the name `file`.")
            return _checked(file.filename or "", await file.read(), limit)
    except (MultiPartException, HTTPException):
        raise _bad_request("The form has one file, with the name `file`, and no more.") from None
    except ClientDisconnect:
        raise _bad_request("The request ended too early.") from None


def _bounded(receive: Receive, limit: int) -> Receive:
    """The same body, until it grows beyond the limit, whatever its headers promised."""
    left = limit + FORM_BYTES

    async def bounded() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise too_large(limit)
        return message

    return bounded


def _checked(name: str, content: bytes, limit: int) -> SentFile:
    if len(content) > limit:
        raise too_large(limit)
    if not content:
        raise _bad_request("The file is empty.")
    return SentFile(name=name, content=content)


def _bad_request(message: str) -> HttpRefusal:
    return HttpRefusal(400, "BAD_REQUEST", message)


def _not_permitted(message: str) -> HttpRefusal:
    return HttpRefusal(403, "NOT_PERMITTED", message)


def _json(status: int, body: object, **headers: str) -> Response:
    headers = headers | {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    return Response(orjson.dumps(body), status, headers=headers, media_type="application/json")
