"""Development tokens: for whom they are minted, and that the API's verifier takes them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from rules.roles import Role, RoleGrant
from service.demo import load_demo
from service.server_checks import StartRefused
from service.settings import Environment, Settings
from service.tokens import demo_tokens, development_token, first_query
from tenancy.bearer_tokens import Verifier
from tenancy.development_issuer import (
    development_issuer,
    development_network_issuer,
    load_or_make_key,
)
from tenancy.jwks import KeySource
from tenancy.principal import Principal, SignInRefused
from tests.cast import NOW
from tests.database_server import Database, DatabaseServer
from tests.desk import open_desk, settings_for

ALL = frozenset({"ASHFORD", "BIRCHWOOD", "CEDAR"})


@pytest.fixture(scope="module")
def demo(server: DatabaseServer) -> Iterator[Database]:
    with server.migrated_database() as database:
        load_demo(database.owner_url, now=NOW)
        yield database


@pytest.fixture
def settings(demo: Database, tmp_path: Path) -> Settings:
    return settings_for(demo, tmp_path)


def minted(settings: Settings, role: Role, **wish: Any) -> str:
    wish.setdefault("institution_code", "ASHFORD")
    return development_token(settings, role=role, now=NOW, **wish)


def verified(settings: Settings, token: str, *, after: timedelta = timedelta()) -> Principal:
    key = load_or_make_key(settings.dev_key)
    issuers = (development_issuer(key, ALL), development_network_issuer(key))
    known = {issuer.url: issuer for issuer in issuers}
    return Verifier(known.get, KeySource(), leeway_seconds=0).verify(token, NOW + after)


def refusal(settings: Settings, role: Role, **wish: Any) -> str:
    with pytest.raises(StartRefused) as refused:
        minted(settings, role, **wish)
    return refused.value.sentence


def test_a_token_is_for_the_demo_person_of_its_role(settings: Settings) -> None:
    principal = verified(settings, minted(settings, Role.CIRCULATION_DESK_OPERATOR))

    assert principal.subject == "olive.operator"
    assert principal.institution_code == "ASHFORD"
    assert principal.grants == (RoleGrant(role=Role.CIRCULATION_DESK_OPERATOR),)


def test_a_patron_without_a_name_is_pia(settings: Settings) -> None:
    assert verified(settings, minted(settings, Role.PATRON)).subject == "pia"


def test_a_person_is_found_by_any_identifier(settings: Settings) -> None:
    by_barcode = minted(settings, Role.PATRON, user="29000000000002")
    by_primary_id = minted(settings, Role.PATRON, user="QUENTIN")

    assert verified(settings, by_barcode).subject == "quentin"
    assert verified(settings, by_primary_id).subject == "quentin"


def test_a_role_may_count_at_one_library_only(settings: Settings) -> None:
    token = minted(settings, Role.CIRCULATION_DESK_MANAGER, library_code="LAW")

    grants = verified(settings, token).grants
    assert grants == (RoleGrant(role=Role.CIRCULATION_DESK_MANAGER, library_code="LAW"),)


def test_the_network_administrator_belongs_to_no_institution(settings: Settings) -> None:
    token = minted(settings, Role.NETWORK_ADMINISTRATOR, institution_code=None)

    principal = verified(settings, token)
    assert (principal.subject, principal.institution_code) == ("nadia.network", None)
    assert refusal(settings, Role.NETWORK_ADMINISTRATOR) == (
        "A network administrator belongs to no institution: leave --institution and --library out."
    )


def test_a_token_is_good_for_so_many_seconds(settings: Settings) -> None:
    token = minted(settings, Role.AUDITOR, seconds=60)

    assert verified(settings, token, after=timedelta(seconds=59)).subject == "arne.auditor"
    with pytest.raises(SignInRefused):
        verified(settings, token, after=timedelta(seconds=60))


@pytest.mark.parametrize(
    ("role", "wish", "sentence"),
    [
        (
            Role.AUDITOR,
            {"institution_code": None},
            "Say with --institution where the role AUDITOR is held.",
        ),
        (
            Role.AUDITOR,
            {"institution_code": "NOWHERE"},
            "There is no institution NOWHERE; there are ASHFORD, BIRCHWOOD, CEDAR.",
        ),
        (
            Role.AUDITOR,
            {"institution_code": "x'; --"},
            "There is no such institution; there are ASHFORD, BIRCHWOOD, CEDAR.",
        ),
        (
            Role.AUDITOR,
            {"library_code": "MOON"},
            "There is no library 'MOON' at ASHFORD; there are LAW, MAIN.",
        ),
        (Role.PATRON, {"user": "nobody"}, "No user at ASHFORD has the identifier 'nobody'."),
        (
            Role.PATRON,
            {"institution_code": "CEDAR"},
            "Say with --user which patron of CEDAR it is for.",
        ),
        (Role.AUDITOR, {"seconds": 0}, "A token can be good for 1 to 31622400 seconds."),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_in_a_sentence(
    settings: Settings, role: Role, wish: dict[str, Any], sentence: str
) -> None:
    assert refusal(settings, role, **wish) == sentence


def test_there_are_no_development_tokens_in_production(demo: Database, tmp_path: Path) -> None:
    settings = settings_for(demo, tmp_path, environment=Environment.PRODUCTION)

    assert refusal(settings, Role.AUDITOR) == (
        "Development tokens are for development only: in production people sign in with the "
        "institution's own provider (PORTCULLIS_ENVIRONMENT is production)."
    )
    assert not settings.dev_key.exists()


def test_a_key_that_others_can_read_is_refused(settings: Settings) -> None:
    load_or_make_key(settings.dev_key)
    settings.dev_key.chmod(0o644)

    assert "can be read by others" in refusal(settings, Role.AUDITOR)


def test_there_is_a_demo_token_for_each_role(demo: Database, settings: Settings) -> None:
    tokens = demo_tokens(settings, demo.app_url, now=NOW)

    principals = [verified(settings, token, after=timedelta(hours=11)) for token in tokens.values()]
    assert [principal.grants[0].role for principal in principals] == list(Role)
    assert next(iter(tokens)) == "CIRCULATION_DESK_OPERATOR_LIMITED (lena.limited at ASHFORD)"


def test_the_first_query_is_answered_for_everybody_of_the_institution(
    demo: Database, tmp_path: Path
) -> None:
    with open_desk(demo, tmp_path) as desk:
        tokens = demo_tokens(settings_for(demo, tmp_path), demo.app_url)
        answers = {}
        for label, token in tokens.items():
            headers = {"authorization": f"Bearer {token}"}
            body = {"query": first_query()}
            answers[label] = desk.http.post("/graphql", json=body, headers=headers).json()

    of_network = answers.pop("NETWORK_ADMINISTRATOR (nadia.network at the network)")
    assert of_network["errors"][0]["extensions"]["code"] == "NOT_PERMITTED"
    assert len(answers) == len(Role) - 1
    for answer in answers.values():
        user = answer["data"]["user"]
        assert (user["firstName"], user["lastName"]) == ("Pia", "Marchetti")
        texts = [node["description"]["text"] for node in user["blocks"]["nodes"]]
        assert texts == ["Unpaid fines or fees", "General block"]
        verdicts = {decision["action"]: decision["verdict"] for decision in user["gate"]}
        assert verdicts["LOAN"] == "BLOCKED"
        assert verdicts["RESOURCE_SHARING"] == "ALLOWED"
