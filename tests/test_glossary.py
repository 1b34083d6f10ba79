"""GLOSSARY.md knows every type of the schema and every table of the database, and nothing that is
not there."""

import importlib
import re
from dataclasses import dataclass
from pathlib import Path

from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    is_introspection_type,
    is_specified_scalar_type,
)

from schema.root import build_schema
from storage.tables import metadata

GLOSSARY = Path(__file__).parent.parent / "GLOSSARY.md"
SCHEMA: GraphQLSchema = build_schema()._schema
CELLS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table, and the names in its cells."""

    term: str
    code: list[str]
    graphql: list[str]
    sql: list[str]
    source: str


def rows() -> list[Row]:
    lines = [line for line in GLOSSARY.read_text().splitlines() if line.startswith("| ")]
    found = []
    for line in lines:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert len(cells) == CELLS, line
        if cells[1] == "Code":
            continue
        code, graphql, sql = (re.findall(r"`([^`]+)`", cell) for cell in cells[1:4])
        found.append(Row(term=cells[0], code=code, graphql=graphql, sql=sql, source=cells[4]))
    return found


ROWS = rows()


def named_types() -> list[str]:
    return [name for row in ROWS for name in row.graphql if name[0].isupper()]


def test_each_type_of_the_schema_has_one_row() -> None:
    types = {
        name
        for name, kind in SCHEMA.type_map.items()
        if not is_introspection_type(kind) and not is_specified_scalar_type(kind)
    }
    assert sorted(named_types()) == sorted(types)


def test_each_command_has_one_row_with_its_input_and_payload() -> None:
    assert isinstance(SCHEMA.mutation_type, GraphQLObjectType)
    commands = {
        name: {str(command.args["input"].type).rstrip("!"), str(command.type).rstrip("!")}
        for name, command in SCHEMA.mutation_type.fields.items()
    }
    in_glossary = {
        row.graphql[0]: set(row.graphql[1:])
        for row in ROWS
        if row.graphql and row.graphql[0][0].islower()
    }
    assert in_glossary == commands


def test_each_table_of_the_database_has_one_row() -> None:
    assert sorted(name for row in ROWS for name in row.sql) == sorted(metadata.tables)


def test_each_name_in_the_code_is_there() -> None:
    missing = []
    for name in {name for row in ROWS for name in row.code}:
        module, _, member = name.rpartition(".")
        if not hasattr(importlib.import_module(module), member):
            missing.append(name)
    assert missing == []


def test_each_row_says_what_it_means_and_where_it_comes_from() -> None:
    assert [row for row in ROWS if not (row.term and row.code and row.source)] == []
