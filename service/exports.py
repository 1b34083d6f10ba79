"""GET /exports/override-events.csv: the override events that managers may list, as a file for a
spreadsheet, with the filters of the query.

The file is written whole before the first byte is sent: a slow or vanished client then holds no
transaction, and what goes wrong is still an error instead of a file that ends too early.
"""

import asyncio
import csv
import io
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import Enum
from tempfile import SpooledTemporaryFile
from typing import IO, TypeVar

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from resolvers import override_events
from rules.actions import Action
from rules.override_events import OverrideEvent, OverrideEventFilter, OverrideOutcome
from schema.access import HTTP_ACCESS
from schema.ids import id_given
from schema.masking import ErrorMasking, PublicError
from schema.override_events import OverrideEventFilterInput, filter_of
from service.request_limits import (
    HttpRefusal,
    RateLimit,
    database_away,
    refused_sign_in,
    require_within,
)
from storage.handles import DatabaseAway
from tenancy.principal import Principal, SignInRefused
from tenancy.scopes import InstitutionScope

PATH = "/exports/override-events.csv"
FILTERS = ("from", "to", "operator", "desk", "user", "action", "outcome")
COLUMNS = (
    "time",
    "outcome",
    "refusal",
    "operator",
    "roles",
    "library",
    "desk",
    "user",
    "action",
    "item_barcode",
    "reasons",
    "block_descriptions",
    "block_types",
    "versions",
    "why",
)
HEADERS = {
    "content-disposition": 'attachment; filename="override-events.csv"',
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
}
IN_MEMORY_BYTES = 1024 * 1024
CHUNK_BYTES = 64 * 1024
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

E = TypeVar("E", bound=Enum)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportEdge:
    """What the export is given by the application, as the GraphQL endpoint is."""

    authenticate: Callable[[Request], Awaitable[Principal]]
    open_reading: Callable[[Principal], AbstractContextManager[InstitutionScope]]
    charge: Callable[[Principal], RateLimit] | None = None


class OverrideEventExport:
    """An ASGI application for one route. One export at a time is written in each process, so
    that exports never take the connections of the desks."""

    def __init__(self, edge: ExportEdge, masking: ErrorMasking) -> None:
        self._edge = edge
        self._masking = masking
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="export")

    def close(self) -> None:
        """Wait for the export under way, then end the thread."""
        self._thread.shutdown(wait=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._response(Request(scope, receive))
        await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        try:
            if request.method != "GET":
                raise HttpRefusal(405, "METHOD", "Use GET.", headers={"Allow": "GET"})
            principal = await self._sign_in(request)
            loop = asyncio.get_running_loop()
            file, size = await loop.run_in_executor(
                self._thread, self._write, principal, request.query_params.multi_items()
            )
        except HttpRefusal as refusal:
            return _refusal(refusal)
        except DatabaseAway as error:
            return _refusal(database_away(error))
        except PublicError as error:
            return _refusal(HttpRefusal(_status_of(error), error.code, error.message))
        except Exception as error:
            body = orjson.dumps({"errors": [self._masking.body_of_exception(error)]})
            return Response(body, 500, media_type="application/json")
        headers = HEADERS | {"content-length": str(size)}
        return StreamingResponse(_chunks(file), media_type="text/csv", headers=headers)

    async def _sign_in(self, request: Request) -> Principal:
        try:
            return await self._edge.authenticate(request)
        except SignInRefused as refusal:
            tried = "authorization" in request.headers
            raise refused_sign_in(refusal, tried=tried) from None

    def _write(
        self, principal: Principal, parameters: Iterable[tuple[str, str]]
    ) -> tuple[IO[bytes], int]:
        if self._edge.charge is not None:
            require_within(self._edge.charge(principal))
        if principal.institution_code is None:
            raise PublicError("NOT_PERMITTED", "The network's own sign-in sees no events.")
        with self._edge.open_reading(principal) as scope:
            if not scope.has_any_role(HTTP_ACCESS[f"GET {PATH}"].roles):
                raise PublicError("NOT_PERMITTED", "Your roles do not allow this.")
            asked = asked_for(parameters)
            zone = override_events.local_zone(scope)
            return _written(override_events.all_events(scope, asked), zone)


def asked_for(parameters: Iterable[tuple[str, str]]) -> OverrideEventFilter:
    """The filter in the query of the address, by the names it has in GraphQL."""
    given: dict[str, str] = {}
    for name, value in parameters:
        if name not in FILTERS or name in given:
            known = ", ".join(FILTERS)
            raise PublicError("INVALID_INPUT", f"Filter by {known}, each at most once.")
        given[name] = value
    return filter_of(
        OverrideEventFilterInput(
            from_=_instant(given, "from"),
            to=_instant(given, "to"),
            operator=given.get("operator"),
            desk=id_given(given.get("desk")),
            user=id_given(given.get("user")),
            action=_choice(given, "action", Action),
            outcome=_choice(given, "outcome", OverrideOutcome),
        )
    )


def safe_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe stands before what could begin
    one.

    >>> safe_cell("=HYPERLINK(1)"), safe_cell("Pays tomorrow")
    ("'=HYPERLINK(1)", 'Pays tomorrow')
    """
    return f"'{text}" if text.startswith(FORMULA_BEGINS) else text


def _written(events: Iterable[OverrideEvent], zone: tzinfo) -> tuple[IO[bytes], int]:
    """The file and its size. It begins with a byte order mark: without one, spreadsheets take
    UTF-8 for the code page of the machine."""
    file = SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115  closed when it was sent
    try:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        writer = csv.writer(text, quoting=csv.QUOTE_ALL)
        writer.writerow(COLUMNS)
        for event in events:
            writer.writerow([safe_cell(cell) for cell in _cells(event, zone)])
        text.detach()
        size = file.tell()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file, size


def _cells(event: OverrideEvent, zone: tzinfo) -> list[str]:
    desk, reasons = event.desk, event.reasons
    return [
        event.at.astimezone(zone).isoformat(timespec="seconds"),
        event.outcome.value,
        "" if event.refusal is None else event.refusal.value,
        event.operator,
        " | ".join(role.value for role in event.roles),
        event.library_name or "",
        "" if desk is None else desk.name,
        event.user_primary_id or "",
        event.action.value,
        event.item_barcode or "",
        " | ".join(reason.code.value for reason in reasons),
        " | ".join(reason.description or "" for reason in reasons),
        " | ".join("" if r.block_type is None else r.block_type.value for r in reasons),
        " | ".join(str(reason.version) for reason in reasons),
        event.why,
    ]


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _instant(given: Mapping[str, str], name: str) -> datetime | None:
    text = given.get(name)
    if text is None:
        return None
    try:
        # In an address an unescaped plus means a space.
        return datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError:
        sentence = f"`{name}` is no instant, such as 2026-11-22T12:00:00Z."
        raise PublicError("INVALID_INPUT", sentence) from None


def _choice(given: Mapping[str, str], name: str, kind: type[E]) -> E | None:
    text = given.get(name)
    if text is None:
        return None
    if text not in kind.__members__:
        known = ", ".join(kind.__members__)
        raise PublicError("INVALID_INPUT", f"`{name}` is one of {known}.")
    return kind[text]


def _status_of(error: PublicError) -> int:
    return 403 if error.code == "NOT_PERMITTED" else 400


def _refusal(refusal: HttpRefusal) -> Response:
    body = orjson.dumps({"errors": [refusal.error]})
    headers = refusal.headers | {"cache-control": "no-store"}
    return Response(body, refusal.status, headers=headers, media_type="application/json")
