"""What a client may read of an error: public ones by code, all others as an incident number."""

import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from graphql import GraphQLError

ErrorBody = dict[str, Any]
"""One entry of a response's `errors`, ready to be written as JSON."""

INTERNAL = "INTERNAL"


class PublicError(Exception):
    """An error whose sentence is meant for the client, as in NOT_PERMITTED."""

    def __init__(
        self, code: str, message: str, *, extensions: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.extensions = dict(extensions or {})


def error_body(code: str, message: str, **details: object) -> ErrorBody:
    """An error that stands outside any field, with its code and details in `extensions`."""
    return {"message": message, "extensions": {"code": code, **details}}


def body_of_public(error: PublicError) -> ErrorBody:
    return {"message": error.message, "extensions": {"code": error.code, **error.extensions}}


def body_of_document_error(error: GraphQLError, code: str) -> ErrorBody:
    """graphql-core's own words about a document or its variables: they only quote the client."""
    return _located(error_body(code, error.message), error)


class ErrorMasking:
    """Turns errors into bodies; what nobody meant to say is logged and becomes an incident."""

    def __init__(self, new_incident: Callable[[], str]) -> None:
        self._new_incident = new_incident
        self._log = structlog.get_logger("portcullis.incident")

    def body_of_field_error(self, error: GraphQLError) -> ErrorBody:
        """An error raised while a field was answered, kept at its path."""
        cause = error.original_error
        if isinstance(cause, PublicError):
            return _located(body_of_public(cause), error)
        return _located(self.body_of_exception(cause or error, path=error.path), error)

    def body_of_exception(
        self, error: BaseException, *, path: Sequence[str | int] | None = None
    ) -> ErrorBody:
        """An error from anywhere. Only a `PublicError` keeps its words."""
        if isinstance(error, PublicError):
            return body_of_public(error)
        incident = self._new_incident()
        self._log.error("incident", incident=incident, path=path, causes=_causes(error))
        return error_body(
            INTERNAL,
            f"Something went wrong on our side. Quote incident {incident}.",
            incident=incident,
        )


def _located(body: ErrorBody, error: GraphQLError) -> ErrorBody:
    if error.locations:
        body["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path:
        body["path"] = list(error.path)
    return body


def _causes(error: BaseException) -> list[dict[str, object]]:
    """Each exception of the chain with its place in the code. Its message stays out: messages
    quote values, and values are somebody's data (PostgreSQL's DETAIL names whole keys)."""
    chain: list[dict[str, object]] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        kind = type(current)
        entry: dict[str, object] = {
            "type": f"{kind.__module__}.{kind.__qualname__}",
            "stack": [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(current.__traceback__)
            ],
        }
        if sqlstate := getattr(current, "sqlstate", None):
            entry["sqlstate"] = sqlstate
        chain.append(entry)
        current = current.__cause__ or current.__context__
    return chain
