"""What an institution starts with, and who may make one."""

import psycopg
import pytest

from service.institution_setup import InstitutionPlan, add_institution, owner_db, plan_problems
from service.server_checks import StartRefused
from storage.institutions import libraries, own_institution
from tests.database_server import Database

ELM = InstitutionPlan(
    code="ELM",
    name="Elm College",
    time_zone="Europe/Dublin",
    currency="EUR",
    languages=("en", "ga"),
)


def test_an_institution_starts_with_its_tables_a_desk_and_permissions(
    blank_database: Database,
) -> None:
    add_institution(blank_database.owner_url, ELM)

    with owner_db(blank_database.owner_url, "ELM") as db:
        made = own_institution(db)
        found = libraries(db)
    assert made is not None
    assert (made.name, made.time_zone, made.currency) == ("Elm College", "Europe/Dublin", "EUR")
    assert made.languages == ("en", "ga")
    assert [(one.code, [desk.code for desk in one.desks]) for one in found] == [("MAIN", ["DESK1"])]
    assert blank_database.rows(
        "SELECT d.code, a.code, f.block_type, f.overridable, f.is_network_block, d.is_default"
        " FROM block_definition f"
        " JOIN block_description d USING (institution_code)"
        " JOIN blocked_action_code a USING (institution_code)"
        " WHERE d.id = f.description_id AND a.id = f.blocked_action_code_id ORDER BY d.position",
        "ELM",
    ) == [
        ("GENERAL", "03", "GENERAL", "CIRCDESC", False, True),
        ("OVERDUE", "ALL", "LOAN", "CIRCDESC", False, False),
        ("CONSORTIA", "ALL", "CONSORTIAL", "CIRCDESC", False, False),
    ]
    assert blank_database.rows("SELECT code FROM blocked_action_code ORDER BY code", "ELM") == [
        ("01",),
        ("02",),
        ("03",),
        ("ALL",),
    ]
    assert blank_database.rows(
        "SELECT reason, overridable FROM block_preference ORDER BY reason", "ELM"
    ) == [("ACCOUNT_EXPIRED", "CIRCDESC"), ("ACCOUNT_INACTIVE", "NONE")]


def test_the_preset_permissions_follow_the_roles(blank_database: Database) -> None:
    add_institution(blank_database.owner_url, ELM)

    granted = blank_database.rows(
        "SELECT permission, array_agg(role ORDER BY role) FROM permission_grant"
        " GROUP BY permission ORDER BY permission",
        "ELM",
    )
    assert granted == [
        ("BLOCK_PATRON", ["CIRCULATION_DESK_MANAGER", "USER_ADMINISTRATOR"]),
        ("DELETE_PATRON", ["USER_ADMINISTRATOR"]),
        ("DOWNLOAD_PATRON_DATA", ["USER_ADMINISTRATOR"]),
        (
            "SEARCH_BY_NAME",
            [
                "CIRCULATION_DESK_MANAGER",
                "CIRCULATION_DESK_OPERATOR",
                "FULFILLMENT_ADMINISTRATOR",
                "FULFILLMENT_SERVICES_OPERATOR",
                "GENERAL_SYSTEM_ADMINISTRATOR",
                "USER_ADMINISTRATOR",
                "USER_MANAGER",
            ],
        ),
    ]


def test_every_row_of_the_tables_has_a_beginning_in_the_history(blank_database: Database) -> None:
    add_institution(blank_database.owner_url, ELM)

    events = blank_database.rows(
        "SELECT deed, channel, count(*) FROM history_event GROUP BY deed, channel ORDER BY deed",
        "ELM",
    )
    assert events == [
        ("block_definition.add", "SYSTEM", 3),
        ("block_description.add", "SYSTEM", 3),
        ("block_preference.add", "SYSTEM", 2),
        ("blocked_action_code.add", "SYSTEM", 4),
        ("permission_grant.add", "SYSTEM", 11),
    ]


def test_an_institution_is_added_once(blank_database: Database) -> None:
    add_institution(blank_database.owner_url, ELM)

    with pytest.raises(StartRefused) as refused:
        add_institution(blank_database.owner_url, ELM)

    assert refused.value.sentence == "The institution ELM is a member of the network already."
    assert blank_database.value("SELECT count(*) FROM library", "ELM") == 1


def test_the_login_of_the_api_cannot_make_institutions(blank_database: Database) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        add_institution(blank_database.app_url, ELM)

    assert blank_database.value("SELECT count(*) FROM institution", "ELM") == 0


def test_what_cannot_be_taken_is_said_in_a_sentence_each() -> None:
    plan = InstitutionPlan(
        code="elm", name=" ", time_zone="Europe/Nowhere", currency="eur", languages=()
    )

    assert plan_problems(plan) == [
        "The code 'elm' is not 2 to 32 upper-case letters and digits that begin with a letter.",
        "The name is empty, or has spaces around it.",
        "There is no time zone 'Europe/Nowhere'; one is named Europe/Zurich.",
        "The currency 'eur' is not a code of three letters.",
        "At least one language is needed.",
    ]
    assert plan_problems(ELM) == []
