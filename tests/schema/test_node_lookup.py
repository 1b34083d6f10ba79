"""`node(id)` over HTTP: every type of record, for those who may see it, and null for all else."""

from typing import Any

import pytest

from schema.ids import PREFIXES, encoded
from schema.node_lookup import FINDERS
from schema.root import build_schema
from tests.blocked import HOUSE, new_patron, put_block
from tests.cast import ASHFORD, AUDREY, CARL, GRETA, MAX, NADIA, NOW, PIA, Person
from tests.database_server import Database
from tests.desk import Desk
from tests.patrons import NEVER_ISSUED, user_id
from tests.possessions import possess, samples_of

NODE = "query($id: ID!) { node(id: $id) { __typename id } }"


def found(desk: Desk, number: object) -> Any:
    return desk.ask(NODE, id=number)["node"]


@pytest.fixture(scope="module")
def records(database: Database) -> dict[str, str]:
    """The id of a record of each type at Ashford."""
    possess(database, ASHFORD)
    given: Any = samples_of(ASHFORD)
    return dict(given)


def test_every_type_of_record_can_be_found_again() -> None:
    schema = build_schema()._schema
    nodes = {str(kind) for kind in schema.get_possible_types(schema.type_map["Node"])}  # type: ignore[arg-type]  # an interface
    assert nodes == set(FINDERS)
    assert nodes <= set(PREFIXES)


@pytest.mark.parametrize("name", sorted(FINDERS))
def test_a_record_is_found_by_its_id_where_it_is_and_nowhere_else(
    client: Desk, records: dict[str, str], name: str
) -> None:
    everything = client.as_(MAX, *(g for g in CARL.grants))
    assert found(everything, records[name]) == {"__typename": name, "id": records[name]}
    assert found(client.as_(CARL), records[name]) is None
    prefix = PREFIXES[name]
    assert found(everything, f"{prefix}_{NEVER_ISSUED}") is None
    other = PREFIXES["User" if name != "User" else "UserBlock"]
    assert found(everything, other + records[name][1:]) is None


@pytest.mark.parametrize("text", ["", "nonsense", "u_", "u_\x00", "z_AAAA", "u_" + "x" * 10_000])
def test_what_was_never_an_id_is_null(client: Desk, text: str) -> None:
    assert found(client, text) is None


def test_a_type_is_seen_by_those_who_may_list_it(client: Desk, records: dict[str, str]) -> None:
    assert found(client, records["ApiToken"]) is None
    assert found(client.as_(GRETA), records["ApiToken"]) is not None
    assert found(client, records["PermissionGrant"]) is None
    assert found(client.as_(AUDREY), records["PermissionGrant"]) is not None
    assert client.as_(NADIA).error_codes(NODE, id=records["User"]) == ["NOT_PERMITTED"]


def test_a_node_is_asked_for_the_parts_that_are_selected(client: Desk, database: Database) -> None:
    patron = new_patron(database, "UNPAID")
    document = (
        "query($id: ID!) { node(id: $id) { ... on User { primaryId identifiers { value } "
        "blocks { nodes { description { code } } } gate(actions: [LOAN]) { isAllowed } } } }"
    )
    assert client.ask(document, id=user_id(patron))["node"] == {
        "primaryId": patron.primary_id,
        "identifiers": [{"value": patron.barcode}],
        "blocks": {"nodes": [{"description": {"code": "UNPAID"}}]},
        "gate": [{"isAllowed": False}],
    }


def test_a_patron_finds_the_own_record_its_blocks_and_visible_notes(
    client: Desk, database: Database, records: dict[str, str]
) -> None:
    patron, other = new_patron(database), new_patron(database)
    desk = client.as_(patron)

    def things_of(person: Person) -> list[str]:
        note = {"user_id": person.id, "note": "Hello", "created_by": "olive", "created_at": NOW}
        removal = {"removed_at": NOW, "removed_by": "max", "removal_reason": "x"}
        return [
            user_id(person),
            encoded("b", put_block(database, person, "UNPAID")),
            encoded("n", database.put("user_note", ASHFORD, **note, is_patron_visible=True)),
            encoded("n", database.put("user_note", ASHFORD, **note)),
            encoded("b", put_block(database, person, "UNPAID", **removal)),
        ]

    assert [found(desk, number) is not None for number in things_of(patron)] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert [found(desk, number) for number in things_of(other)] == [None] * 5
    block = encoded("b", put_block(database, patron, "UNPAID"))
    shown = desk.ask(
        "query($id: ID!) { node(id: $id) { ... on UserBlock { staffNote createdBy } } }", id=block
    )
    assert shown["node"] == {"staffNote": None, "createdBy": None}
    hidden = ("BlockDescription", "Library", "AccountBlock", "JobReport", "HistoryEvent")
    assert [found(desk, records[name]) for name in hidden] == [None] * 5
    assert found(client.as_(PIA), encoded("l", HOUSE.library_id())) is None
