"""Every field of Query and Mutation, walked by a stranger over HTTP: wherever an id or a text goes
in, another institution's is answered exactly like one that was never issued."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from schema.ids import PREFIXES, encoded
from schema.root import build_schema
from tests.cast import ASHFORD, CARL, CEDAR, OLIVE, PIA, Person
from tests.database_server import Database
from tests.desk import Desk, open_desk
from tests.possessions import ids_of, samples_of
from tests.undone import undoing_pool
from tests.written_operations import Place, RootField, root_fields

FIELDS = root_fields(build_schema()._schema)
each_field = pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.coordinate)

NEVER_ISSUED = UUID("01ab0000-0000-7000-8000-00000000dead")
TEXTS_OF_ASHFORD = [
    (OLIVE.primary_id, "nobody"),
    (PIA.primary_id, "nix"),
    (str(PIA.barcode), "ZZZ-0001"),
    (PIA.last_name, "Zöllmer"),
    (ASHFORD, "ASHFORT"),
]
"""Texts that name something at Ashford, each with one of the same make that names nothing."""

EXPECTED_CODES = {"NOT_PERMITTED", "INVALID_INPUT", "INVALID_CURSOR", "AMBIGUOUS"}
"""Any other code would come from a bug, or from a document that was never executed."""

RATE = re.compile(r',"rateLimit":\{[^}]*\}')
"""What is left of the minute's requests; it changes by itself."""

REFUSED_EARLIER = {("blockDescriptionsReorder", "input.order.0")}
"""Where a list that is not whole is refused before its ids are looked up."""

ANY_ID = re.compile(r"\b([a-z]_[A-Za-z0-9_-]{22}|pcl_[A-Z]+_[A-Za-z0-9_-]{76})(?![A-Za-z0-9_-])")
"""An id of a record; or an API token, which is new each time."""


@pytest.fixture(scope="module")
def desk(full_database: Database, data_folder: Path) -> Iterator[Desk]:
    """An application whose commands are all undone, and that lets long documents in."""
    pool = undoing_pool(full_database.app_url)
    sizes = {"graphql_tokens": 20_000, "graphql_aliases": 5_000, "graphql_rows": 10_000_000}
    with open_desk(full_database, data_folder, pool=pool, **sizes) as desk:
        yield desk.as_(CARL)


def test_every_kind_of_record_is_tried() -> None:
    assert ids_of(ASHFORD).keys() == PREFIXES.keys()


@each_field
def test_an_id_of_another_institution_is_like_one_never_issued(
    desk: Desk, field: RootField
) -> None:
    own, foreign = samples_of(CEDAR), samples_of(ASHFORD)
    for place in field.places:
        if not place.is_id:
            continue
        for record in PREFIXES:
            theirs = _answer(desk, field, place, foreign[record], own)
            nobodys = _answer(desk, field, place, _never_issued(record), own)
            assert theirs == nobodys, f"{place} tells a {record} of another institution apart"


@each_field
def test_a_text_of_another_institution_is_like_one_never_given(
    desk: Desk, field: RootField
) -> None:
    own = samples_of(CEDAR)
    for place in field.places:
        if place.is_id:
            continue
        for theirs, nobodys in TEXTS_OF_ASHFORD:
            told = _answer(desk, field, place, theirs, own)
            assert told == _answer(desk, field, place, nobodys, own), f"{place} knows {theirs}"


@each_field
def test_the_walk_would_notice_because_at_home_the_id_is_found(
    desk: Desk, field: RootField
) -> None:
    at_home = desk.as_(_twin_at(ASHFORD))
    for place in field.places:
        if (
            place.is_id
            and not place.is_in_answer
            and (field.name, str(place)) not in REFUSED_EARLIER
        ):
            assert _is_found(at_home, field, place), f"{place}: the walk needs better samples"


def test_at_home_an_id_in_a_field_of_an_answer_is_found_by_some_root_field(desk: Desk) -> None:
    at_home = desk.as_(_twin_at(ASHFORD))
    nested = {place for field in FIELDS for place in field.places if place.is_in_answer}
    for place in {place for place in nested if place.is_id}:
        fields = [field for field in FIELDS if place in field.places]
        assert any(_is_found(at_home, field, place) for field in fields), str(place)


def _is_found(at_home: Desk, field: RootField, place: Place) -> bool:
    """Whether some record's id is answered otherwise than one that was never issued."""
    own = samples_of(ASHFORD)
    return any(
        _answer(at_home, field, place, own[record], own)
        != _answer(at_home, field, place, _never_issued(record), own)
        for record in [place.record, *PREFIXES]
    )


def _answer(
    desk: Desk, field: RootField, place: Place, value: str, own: dict[str, str]
) -> tuple[int, str]:
    """Status and body, without the value itself and without the numbers of new records."""
    answer = desk.send(field.document, field.variables_with(place, value, own))
    body = ANY_ID.sub("<id>", answer.text.replace(value, "<value>").replace("<value>", "<id>"))
    codes = {error["extensions"]["code"] for error in answer.json().get("errors", [])}
    assert codes <= EXPECTED_CODES, f"{field.coordinate}, {place}: {body}"
    body = RATE.sub("", body)
    return answer.status_code, body


def _never_issued(record: str) -> str:
    return encoded(PREFIXES[record], NEVER_ISSUED)


def _twin_at(institution_code: str) -> Person:
    """Someone with Carl's name and roles at another institution."""
    return Person(
        primary_id=CARL.primary_id,
        first_name=CARL.first_name,
        last_name=CARL.last_name,
        institution_code=institution_code,
        roles=CARL.roles,
    )
