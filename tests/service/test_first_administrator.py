"""An institution's first administrator, made from the command line."""

import pytest

from rules.roles import Role
from service.first_administrator import add_administrator, staff_draft
from service.server_checks import StartRefused
from storage.user_roles import roles_of_person
from tenancy.scopes import Pool, open_read_db
from tests.cast import ASHFORD, OLIVE
from tests.database_server import Database

BOTH = {Role.GENERAL_SYSTEM_ADMINISTRATOR, Role.USER_ADMINISTRATOR}


def _roles(pool: Pool, primary_id: str) -> set[Role]:
    with open_read_db(pool, ASHFORD) as db:
        return {grant.role for grant in roles_of_person(db, primary_id)}


def test_a_new_person_gets_the_roles_that_give_all_others(
    database: Database, app_pool: Pool
) -> None:
    add_administrator(database.owner_url, ASHFORD, staff_draft("ines", "Ines", "Ward"))
    assert _roles(app_pool, "ines") == BOTH


def test_somebody_known_keeps_the_roles_there_were(database: Database, app_pool: Pool) -> None:
    add_administrator(database.owner_url, ASHFORD, staff_draft(OLIVE.primary_id, "", ""))
    add_administrator(database.owner_url, ASHFORD, staff_draft(OLIVE.primary_id, "", ""))
    assert _roles(app_pool, OLIVE.primary_id) == {Role.CIRCULATION_DESK_OPERATOR, *BOTH}


@pytest.mark.parametrize(
    ("code", "primary_id", "sentence"),
    [
        ("DOGWOOD", "ines", "The network has no institution DOGWOOD."),
        (ASHFORD, "ines\x07", "The text contains a control character (U+0007)"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    database: Database, code: str, primary_id: str, sentence: str
) -> None:
    with pytest.raises(StartRefused) as refused:
        add_administrator(database.owner_url, code, staff_draft(primary_id, "", ""))
    assert refused.value.sentence.startswith(sentence)
