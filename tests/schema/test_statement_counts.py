"""What a question costs at the database: a number of statements that its selection decides, and
never the number of rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from schema.root import build_schema
from tests.cast import ASHFORD, CARL, Person
from tests.counted import Statements, counting_pool
from tests.database_server import Database
from tests.desk import Desk, open_desk
from tests.possessions import possess, possess_more, samples_of
from tests.written_operations import RootField, root_fields

QUESTIONS = [field for field in root_fields(build_schema()._schema) if not field.is_command]
MOST_STATEMENTS = 4
"""For everything that a root field answers, all of it selected."""

EVERYBODY_AT_ASHFORD = Person(
    primary_id="olive",
    first_name="Olive",
    last_name="Marsh",
    institution_code=ASHFORD,
    roles=CARL.roles,
)


@dataclass(frozen=True, slots=True)
class CountedDesk:
    """Someone at Ashford with every role, whose statements are counted."""

    desk: Desk
    statements: Statements

    def cost_of(self, document: str, **variables: object) -> int:
        # The second time, when issuers are known and the document is read.
        self.desk.answer(document, **variables)
        self.statements.count = 0
        body = self.desk.answer(document, **variables)
        assert body.get("data"), body
        return self.statements.count


@pytest.fixture
def counted(fresh_database: Database, data_folder: Path) -> Iterator[CountedDesk]:
    possess(fresh_database, ASHFORD)
    pool, statements = counting_pool(fresh_database.app_url)
    sizes = {"graphql_tokens": 20_000, "graphql_aliases": 5_000, "graphql_rows": 10_000_000}
    with open_desk(fresh_database, data_folder, pool=pool, **sizes) as desk:
        yield CountedDesk(desk.as_(EVERYBODY_AT_ASHFORD), statements)


@pytest.mark.parametrize("field", QUESTIONS, ids=lambda field: field.name)
def test_a_question_costs_as_many_statements_for_many_rows_as_for_few(
    counted: CountedDesk, fresh_database: Database, field: RootField
) -> None:
    variables = field.variables(samples_of(ASHFORD))
    for_few = counted.cost_of(field.document, **variables)
    possess_more(fresh_database, ASHFORD, 4)
    assert counted.cost_of(field.document, **variables) == for_few
    assert for_few <= MOST_STATEMENTS


@pytest.mark.parametrize(
    ("selection", "statements"),
    [
        ("viewer { label }", 0),
        ('user(identifier: "pia") { firstName }', 1),
        (
            'user(identifier: "pia") { blocks { nodes { description { text } definition '
            "{ overridable } } } gate { action isAllowed reasons { sentence } } }",
            1,
        ),
        (
            "users(first: 50, hasBlocks: true) { nodes { firstName blocks { nodes "
            "{ description { text } } } } pageInfo { hasNextPage } }",
            1,
        ),
    ],
)
def test_the_hot_questions_cost_one_statement(
    counted: CountedDesk, selection: str, statements: int
) -> None:
    assert counted.cost_of(f"{{ {selection} }}") == statements


@pytest.mark.parametrize(
    "document",
    [
        '{ a: user(identifier: "pia") { id } b: user(identifier: "quentin") { id } }',
        '{ ...A ...B } fragment A on Query { a: user(identifier: "pia") { id } } '
        'fragment B on Query { b: user(identifier: "quentin") { id } }',
        "{ a: blockDescriptions { id } b: blockDescriptions { id } }",
    ],
)
def test_a_hot_question_may_be_asked_under_two_names(counted: CountedDesk, document: str) -> None:
    assert counted.cost_of(document) == 2
