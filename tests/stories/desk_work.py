"""What staff do at the desk in the stories: open a patron, look at the Blocks tab, try a loan."""

from typing import Any

from tests.blocked import MAIN_DESK, authorize, consume
from tests.cast import Person
from tests.desk import Desk
from tests.patrons import description_id, user_id
from tests.table_desk import run

ALL_ACTIONS = ["LOAN", "RENEW", "AUTO_RENEW", "HOLD", "RESOURCE_SHARING"]

_OPEN = """
query($who: String!, $desk: ID!) { user(identifier: $who) {
  id primaryId hasBlocks
  alert { mayOverride(desk: $desk) inTheWay(desk: $desk) { sentence }
    reasons { code sentence until stops whoMayOverride record version mayOverride(desk: $desk)
      block { id description { text } staffNote patronText } } } } }
"""
_TAB = """
query($who: String!) { user(identifier: $who) { hasBlocks blocks(first: 100) { nodes {
  id version status isInForce expiresAt staffNote patronText createdBy createdAt origin stops
  overridable description { code text } definition { rowId } } }
  removedBlocks(first: 100) { nodes { id removal { removedAt removedBy reason } } } } }
"""
_BLOCK = (
    "userBlock { id version status isInForce expiresAt staffNote patronText removal { reason } }"
)
_ADDED = "userBlocks { id version status isInForce expiresAt staffNote patronText createdBy }"
_GATE = "query($who: String!) { user(identifier: $who) { gate { action isAllowed verdict } } }"

OVERRIDE_EVENTS = """
query($user: ID!) { overrideEvents(filter: {user: $user}) { nodes { at operator outcome refusal
  action itemBarcode why roles desk { code } user { primaryId }
  reasons { description sentence isInTheWay } } } }
"""
_HISTORY = """
query($of: ID!) { history(of: $of, first: 100) { nodes {
  at actor deed channel changes { field before after } } } }
"""


def open_patron(desk: Desk, identifier: str) -> dict[str, Any]:
    """What the screen shows when a patron is opened: the record's head and the alert."""
    user: dict[str, Any] = desk.ask(_OPEN, who=identifier, desk=MAIN_DESK)["user"]
    return user


def alert_sentences(desk: Desk, patron: Person) -> list[str]:
    return [r["sentence"] for r in open_patron(desk, patron.primary_id)["alert"]["reasons"]]


def blocks_tab(desk: Desk, patron: Person) -> dict[str, Any]:
    """The Blocks tab: the blocks on the record, and those that were removed."""
    tab: dict[str, Any] = desk.ask(_TAB, who=patron.primary_id)["user"]
    return {
        "hasBlocks": tab["hasBlocks"],
        "blocks": tab["blocks"]["nodes"],
        "removed": tab["removedBlocks"]["nodes"],
    }


def add_blocks(desk: Desk, patron: Person, *blocks: dict[str, object]) -> dict[str, Any]:
    """Save one or several new blocks at once; each names its description by the code."""
    drafts = [
        {**block, "description": description_id(str(block["description"]))}
        if "description" in block
        else block
        for block in blocks
    ]
    return run(desk, "userBlockAdd", _ADDED, user=user_id(patron), blocks=drafts)


def change(desk: Desk, command: str, block: dict[str, Any], /, **more: object) -> dict[str, Any]:
    """One of the row's actions on a block: toggle, change, remove, bring back."""
    return run(desk, command, _BLOCK, id=block["id"], **more)


def gate(desk: Desk, patron: Person) -> dict[str, bool]:
    """For each action whether it may go ahead."""
    decisions = desk.ask(_GATE, who=patron.primary_id)["user"]["gate"]
    return {decision["action"]: decision["isAllowed"] for decision in decisions}


def stopped(desk: Desk, patron: Person) -> list[str]:
    """The actions that may not go ahead."""
    return [action for action, is_allowed in gate(desk, patron).items() if not is_allowed]


def lends(desk: Desk, patron: Person, item: str = "ITEM-1", /, **more: object) -> bool:
    """Whether an attempted loan goes through, from the attempt to the use of its pass."""
    issued = authorize(desk, patron, "LOAN", itemBarcode=item, **more)["pass"]
    if issued is None:
        return False
    used = consume(desk, patron, issued["id"], "LOAN", itemBarcode=item)
    assert used["userErrors"] == []
    return True


def override_events(desk: Desk, patron: Person) -> list[dict[str, Any]]:
    """The tries to override for a patron, newest first."""
    listed: list[dict[str, Any]] = desk.ask(OVERRIDE_EVENTS, user=user_id(patron))[
        "overrideEvents"
    ]["nodes"]
    return listed


def history(desk: Desk, record: str) -> list[dict[str, Any]]:
    """What happened to a record, oldest first; each change by its field."""
    nodes = desk.ask(_HISTORY, of=record)["history"]["nodes"]
    return [
        {**node, "changes": {c["field"]: (c["before"], c["after"]) for c in node["changes"]}}
        for node in reversed(nodes)
    ]
