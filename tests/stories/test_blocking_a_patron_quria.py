"""Quria, blocking a patron: the hard block of a whole account at one library, by those who have
the permission; and what tells it from a soft block."""

import pytest

from rules.roles import Role
from tests.blocked import new_patron, override_of, put_block, user_id
from tests.cast import (
    ADA,
    BIRCHWOOD,
    MAX,
    MINA,
    OLIVE,
    OSCAR,
    UMA,
    URSULA,
    Person,
)
from tests.database_server import Database
from tests.desk import Desk
from tests.peopling import put_person
from tests.stories.desk_work import (
    ALL_ACTIONS,
    alert_sentences,
    blocks_tab,
    change,
    lends,
    open_patron,
    override_events,
    stopped,
)
from tests.table_desk import Answer, run
from tests.written import nothing_written

BLOCKED = "The account is blocked at this institution."
SHOWN = "accountBlock { id comment blockedBy version }"


def block(desk: Desk, patron: Person, comment: str = "Threatened staff") -> Answer:
    return run(desk, "accountBlockAdd", SHOWN, user=user_id(patron), comment=comment)


def unblock(desk: Desk, patron: Person) -> Answer:
    return run(desk, "accountBlockLift", SHOWN, user=user_id(patron))


def kinds(payload: Answer) -> list[str]:
    return [error["__typename"] for error in payload["userErrors"]]


def test_a_blocked_patron_can_use_none_of_the_services(client: Desk, database: Database) -> None:
    """When there is trouble with a patron who shall use nothing of the library any more, the
    account is blocked, and every action is stopped."""
    patron = new_patron(database)
    assert stopped(client, patron) == []
    made = block(client.as_(MAX), patron)
    assert made["accountBlock"]["blockedBy"] == "max"
    assert stopped(client, patron) == ALL_ACTIONS
    assert alert_sentences(client, patron) == [BLOCKED]
    assert lends(client, patron) is False


def test_nobody_overrides_a_blocked_account(client: Desk, database: Database) -> None:
    """It is no block to be overridden, not even by the manager who set it."""
    patron = new_patron(database)
    manager = client.as_(MAX)
    block(manager, patron)
    seen = open_patron(manager, patron.primary_id)["alert"]
    assert (seen["mayOverride"], seen["inTheWay"]) == (False, [{"sentence": BLOCKED}])
    assert lends(manager, patron, override=override_of(seen)) is False
    assert [event["outcome"] for event in override_events(manager, patron)] == ["REFUSED"]


def test_the_block_takes_effect_at_this_library_only(client: Desk, database: Database) -> None:
    """The same person with a record elsewhere goes on borrowing there, and nobody there learns
    of the block."""
    patron = new_patron(database)
    elsewhere = Person(
        primary_id=patron.primary_id,
        first_name=patron.first_name,
        last_name=patron.last_name,
        institution_code=BIRCHWOOD,
        roles=(Role.PATRON,),
    )
    with database.owner(BIRCHWOOD) as owner:
        put_person(owner, elsewhere)
    block(client.as_(MAX), patron)
    at_birchwood = client.as_(OSCAR)
    assert stopped(client, patron) == ALL_ACTIONS
    assert stopped(at_birchwood, elsewhere) == []
    query = "query($w: String!) { user(identifier: $w) { accountBlock { id } } }"
    assert at_birchwood.ask(query, w=elsewhere.primary_id) == {"user": {"accountBlock": None}}
    with nothing_written(database):
        assert kinds(unblock(client.as_(MINA), patron)) == ["NotFoundError"]


def test_a_patron_can_be_blocked_whatever_else_stands_on_the_record(
    client: Desk, database: Database
) -> None:
    """Other blocks, debts or loans are no obstacle: they stay, and are all told of."""
    patron = new_patron(database, "UNPAID", "ADDRESS")
    assert kinds(block(client.as_(MAX), patron)) == []
    assert alert_sentences(client, patron) == [
        BLOCKED,
        "A block is in force: Unpaid fees. It stops loan, renewal and automatic renewal.",
        "A block is in force: Address unknown. It stops loan.",
    ]


def test_only_those_with_the_permission_block_and_unblock(client: Desk, database: Database) -> None:
    """The permission to block and unblock patrons is one of its own: whoever lacks it is not
    offered the button, and is turned down."""
    patron = new_patron(database)
    query = "{ viewer { permissions } }"
    assert "BLOCK_PATRON" in client.as_(MAX).ask(query)["viewer"]["permissions"]
    for person in (OLIVE, UMA, URSULA):
        assert client.as_(person).ask(query) == {"viewer": {"permissions": []}}
        with nothing_written(database):
            assert kinds(block(client.as_(person), patron)) == ["NotPermittedError"]
    block(client.as_(MAX), patron)
    with nothing_written(database):
        assert kinds(unblock(client, patron)) == ["NotPermittedError"]


def test_the_permission_is_given_to_a_person_and_taken_again(
    client: Desk, database: Database
) -> None:
    """The institution gives the permission to roles or to persons."""
    patron, keeper = new_patron(database), client.as_(URSULA)
    given = {"permission": "BLOCK_PATRON", "user": user_id(OLIVE)}
    assert kinds(run(keeper, "permissionGive", "permissionGrant { id }", **given)) == []
    assert kinds(block(client, patron)) == []
    assert kinds(run(keeper, "permissionTake", "permissionGrant { id }", **given)) == []
    assert kinds(unblock(client, patron)) == ["NotPermittedError"]


@pytest.mark.parametrize("comment", ["", "  ", "\u0000"])
def test_a_comment_says_why(client: Desk, database: Database, comment: str) -> None:
    """Block patron asks for a comment and goes on only with one."""
    patron = new_patron(database)
    with nothing_written(database):
        refused = block(client.as_(MAX), patron, comment)
    assert [error["path"] for error in refused["userErrors"]] == [["input", "comment"]]
    assert stopped(client, patron) == []


def test_the_comment_is_for_staff(client: Desk, database: Database) -> None:
    """Staff read the comment on the record; the patron learns only that the account is blocked,
    and whom to ask."""
    patron = new_patron(database)
    block(client.as_(MAX), patron, "Shouted at Olive – twice")
    query = (
        "query($w: String!) { user(identifier: $w) { accountBlock { comment blockedBy } "
        "alert { reasons { sentence advice } } } }"
    )
    of_staff = client.ask(query, w=patron.primary_id)["user"]["accountBlock"]
    assert of_staff == {"comment": "Shouted at Olive – twice", "blockedBy": "max"}
    own = client.as_(patron).ask(query, w=patron.primary_id)
    assert "Shouted" not in str(own)
    assert "max" not in str(own)
    assert own["user"]["alert"]["reasons"] == [
        {
            "sentence": BLOCKED,
            "advice": "Ask the library's staff why the account is blocked and how to have it "
            "unblocked.",
        }
    ]


def test_unblocking_is_done_in_the_same_place_and_gives_everything_back(
    client: Desk, database: Database
) -> None:
    """Unblock patron undoes the block; a second time there is nothing to undo."""
    patron = new_patron(database)
    manager = client.as_(MAX)
    block(manager, patron)
    with nothing_written(database):
        assert kinds(block(manager, patron)) == ["ConflictError"]
    assert kinds(unblock(manager, patron)) == []
    assert stopped(client, patron) == []
    assert lends(client, patron) is True
    with nothing_written(database):
        assert kinds(unblock(manager, patron)) == ["ConflictError"]


def test_unblocking_leaves_the_other_blocks(client: Desk, database: Database) -> None:
    """Unblocking the account undoes that block alone."""
    patron = new_patron(database, "ADDRESS")
    block(client.as_(MAX), patron)
    unblock(client.as_(MAX), patron)
    assert stopped(client, patron) == ["LOAN"]


def test_a_soft_block_cannot_be_taken_off_the_record_and_ends_with_its_cause(
    client: Desk, database: Database
) -> None:
    """A hard block is not a soft one: what is worked out from the account itself, as when it
    has expired, is no block on the record, is not undone by unblocking, and goes when its
    cause goes."""
    patron = new_patron(database)
    version = run(
        client.as_(UMA),
        "userChange",
        "user { version }",
        id=user_id(patron),
        expiresOn="2026-11-21",
    )["user"]["version"]
    [reason] = open_patron(client, patron.primary_id)["alert"]["reasons"]
    assert (reason["code"], reason["block"]) == ("ACCOUNT_EXPIRED", None)
    assert blocks_tab(client, patron)["blocks"] == []
    with nothing_written(database):
        assert kinds(unblock(client.as_(MAX), patron)) == ["ConflictError"]
        refused = change(client, "userBlockRemove", {"id": reason["record"]}, reason="Please")
    assert kinds(refused) == ["NotFoundError"]
    run(
        client.as_(UMA),
        "userChange",
        "user { version }",
        id=user_id(patron),
        version=version,
        expiresOn="2027-11-21",
    )
    assert alert_sentences(client, patron) == []


def test_a_soft_block_may_be_overridden_and_a_hard_one_may_not(
    client: Desk, database: Database
) -> None:
    """Both stop the loan; only the soft one can leave a way round it for the manager, where the
    institution's preferences say so."""
    patron = new_patron(database)
    manager = client.as_(MAX)
    preference = {"reason": "ACCOUNT_EXPIRED", "actions": ["LOAN"], "overridable": "CIRCDESC"}
    assert kinds(run(client.as_(ADA), "blockPreferenceChange", **preference)) == []
    run(client.as_(UMA), "userChange", id=user_id(patron), expiresOn="2026-11-21")
    soft = open_patron(manager, patron.primary_id)["alert"]
    assert soft["mayOverride"] is True
    assert lends(manager, patron, override=override_of(soft)) is True
    block(manager, patron)
    hard = open_patron(manager, patron.primary_id)["alert"]
    assert (hard["mayOverride"], hard["inTheWay"]) == (False, [{"sentence": BLOCKED}])


def test_editing_the_patrons_data_leaves_the_block(client: Desk, database: Database) -> None:
    """Personal data can be changed by those who keep users, blocked account or not."""
    patron = new_patron(database)
    block(client.as_(MAX), patron)
    changed = run(
        client.as_(UMA),
        "userChange",
        "user { lastName }",
        id=user_id(patron),
        lastName="Østergård",
    )
    assert changed["user"] == {"lastName": "Østergård"}
    assert stopped(client, patron) == ALL_ACTIONS


@pytest.mark.parametrize("permission", ["DELETE_PATRON", "DOWNLOAD_PATRON_DATA"])
def test_deleting_and_downloading_are_permissions_of_their_own(
    client: Desk, permission: str
) -> None:
    """Whoever may block patrons may not for that reason delete them or download their data:
    each is given by itself."""
    query = "{ viewer { permissions } }"
    given = {"permission": permission, "role": "USER_MANAGER"}
    run(client.as_(URSULA), "permissionGive", "permissionGrant { id }", **given)
    assert client.as_(UMA).ask(query) == {"viewer": {"permissions": [permission]}}
    run(client.as_(URSULA), "permissionTake", "permissionGrant { id }", **given)
    assert client.as_(UMA).ask(query) == {"viewer": {"permissions": []}}


def test_a_block_of_the_library_is_not_a_block_on_the_tab(client: Desk, database: Database) -> None:
    """The hard block is a thing of its own beside the tab's blocks, and does not travel."""
    patron = new_patron(database)
    put_block(database, patron, "UNPAID")
    block(client.as_(MAX), patron)
    codes = [row["description"]["code"] for row in blocks_tab(client, patron)["blocks"]]
    assert codes == ["UNPAID"]
    assert database.value("SELECT count(*) FROM account_block", BIRCHWOOD) == 0
