"""Statements written with SQLAlchemy Core, compiled once, and run by psycopg.

The institution's predicate is put into statements here and nowhere else: `own(table)` for a
query, and `OWN` as the value of the key column for an insert.
"""

from dataclasses import dataclass
from typing import cast

from sqlalchemy import ClauseElement, ColumnElement, FromClause, Text, and_, bindparam
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.sql.compiler import SQLCompiler

INSTITUTION = "institution"
"""The name of the parameter that the handle fills with its institution's code."""

OWN = bindparam(INSTITUTION, type_=Text())

_DIALECT = PGDialect_psycopg(paramstyle="pyformat")  # type: ignore[no-untyped-call]  # untyped upstream


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL text with named parameters, and the values that Core itself bound."""

    text: str
    defaults: dict[str, object]
    names_institution: bool


def own(*tables: FromClause) -> ColumnElement[bool]:
    """The rows of the current institution, for each of the tables of a statement."""
    return and_(*(table.c.institution_code == OWN for table in tables))


def statement(clause: ClauseElement) -> Statement:
    """Compile once, at import or behind a cache: compiling costs more than running."""
    compiled = cast("SQLCompiler", clause.compile(dialect=_DIALECT))
    if "POSTCOMPILE" in str(compiled):
        message = "A list of values has no fixed text: compare with any_() of an array instead."
        raise ValueError(message)
    values = cast("dict[str, object]", dict(compiled.params))
    names_institution = INSTITUTION in values
    required = {INSTITUTION} | {
        name for name, bind in compiled.binds.items() if bind.required and name in values
    }
    defaults = {name: value for name, value in values.items() if name not in required}
    return Statement(text=str(compiled), defaults=defaults, names_institution=names_institution)
