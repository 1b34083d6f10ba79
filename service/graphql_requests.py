"""Reads a request as the GraphQL-over-HTTP specification words it: which media type to answer in,
and the parameters of the operation."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request

from service.request_limits import HttpRefusal, read_body

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
PARAMETERS = ("query", "operationName", "variables", "extensions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What a well-formed request asks for."""

    query: str
    operation_name: str | None
    variables: dict[str, Any] | None


def media_type_for(request: Request) -> str | None:
    """The media type to answer in; None where the client accepts neither."""
    accepted = request.headers.getlist("accept")
    if not accepted:
        return GRAPHQL_RESPONSE
    header = ",".join(accepted)
    return _negotiate(header) if len(header) <= 1_000 else _negotiate.__wrapped__(header)


async def read_parameters(request: Request, body_limit: int) -> Parameters:
    """The parameters of a GET or POST request, or the refusal of a malformed one."""
    if request.method == "GET":
        return _checked(_from_url(request.scope["query_string"]))
    _require_json(request)
    body = _parse_json(await read_body(request, body_limit), "The body")
    if isinstance(body, list):
        raise HttpRefusal(400, "BATCHING_OFF", "Send one operation per request, not a list.")
    if not isinstance(body, dict):
        raise _malformed("The body must be a JSON object.")
    return _checked(body)


@lru_cache(maxsize=256)
def _negotiate(header: str) -> str | None:
    """RFC 9110: the most specific range that matches a type gives its weight; then the type named
    more exactly, then the one named first. For a mere wildcard it is application/json."""
    ranges = [
        found for place, part in enumerate(header.split(",")) if (found := _range(part, place))
    ]
    best: tuple[float, int, int, str] | None = None
    for media_type in (JSON, GRAPHQL_RESPONSE):
        matching = [entry for entry in ranges if _matches(entry.kind, media_type)]
        if not matching:
            continue
        entry = max(matching, key=lambda one: (_precision(one.kind), -one.place))
        rank = (entry.weight, _precision(entry.kind), -entry.place, media_type)
        if entry.weight > 0 and (best is None or rank[:3] > best[:3]):
            best = rank
    return best[3] if best else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Range:
    kind: str
    weight: float
    place: int


def _range(part: str, place: int) -> _Range | None:
    """One entry of an Accept header; None for what cannot be met."""
    kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
    weight = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and not _is_utf8(value):
            return None
        if name.strip() == "q":
            try:
                weight = float(value)
            except ValueError:
                return None
    return _Range(kind=kind, weight=weight if 0 <= weight <= 1 else 0.0, place=place)


def _matches(kind: str, media_type: str) -> bool:
    return kind in {media_type, "application/*", "*/*"}


def _precision(kind: str) -> int:
    return {"*/*": 0, "application/*": 1}.get(kind, 2)


def _is_utf8(charset: str) -> bool:
    return charset.strip().strip('"').lower() in {"utf-8", "utf8"}


def _require_json(request: Request) -> None:
    kind, *parameters = request.headers.get("content-type", "").split(";")
    charsets = [
        value
        for name, _, value in (parameter.partition("=") for parameter in parameters)
        if name.strip().lower() == "charset"
    ]
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if (
        kind.strip().lower() != JSON
        or not all(_is_utf8(charset) for charset in charsets)
        or encoding != "identity"
    ):
        raise HttpRefusal(
            415,
            "CONTENT_TYPE",
            "Send the operation as application/json in UTF-8, not compressed.",
            headers={"Accept": JSON},
        )


def _parse_json(text: bytes | str, what: str) -> object:
    """orjson refuses what is not JSON in UTF-8 (NaN, lone surrogates) and what nests too deep."""
    try:
        return orjson.loads(text)
    except (ValueError, RecursionError):
        raise _malformed(f"{what} must be JSON in UTF-8.") from None


def _from_url(query_string: bytes) -> dict[str, object]:
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=20,
        )
    except ValueError:
        raise _malformed("The address must be encoded in UTF-8.") from None
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found and name in PARAMETERS:
            raise _malformed(f"The parameter {name} is given twice.")
        is_json = name in {"variables", "extensions"}
        found[name] = _parse_json(value, f"The parameter {name}") if is_json else value
    return found


def _checked(given: dict[str, Any]) -> Parameters:
    query = given.get("query")
    if not isinstance(query, str):
        raise _malformed("The parameter query is required and must be a string.")
    name = given.get("operationName")
    if name is not None and not isinstance(name, str):
        raise _malformed("The parameter operationName must be a string.")
    for parameter in ("variables", "extensions"):
        value = given.get(parameter)
        if value is not None and not isinstance(value, dict):
            raise _malformed(f"The parameter {parameter} must be an object.")
    return Parameters(query=query, operation_name=name or None, variables=given.get("variables"))


def _malformed(message: str) -> HttpRefusal:
    return HttpRefusal(400, "BAD_REQUEST", message)
