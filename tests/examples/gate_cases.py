"""Examples of the gate: the override matrix, several blocks at once, blocked-action codes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

from rules.actions import Action
from rules.block_tables import Overridable
from rules.decisions import decide
from rules.gate import Decision
from rules.overrides import (
    OverrideGranted,
    answers_to,
    check_override,
    may_override,
    override_verdict,
    roles_at_desk,
)
from rules.roles import Role, RoleGrant
from rules.specimens import BLOCK, LOAN_ONLY, NOON, STANDING, UNPAID_DEFINITION
from rules.user_blocks import UserBlock
from tests.examples.cases import Case, Json, mapping, sequence, text, texts

DESK = "MAIN"
"""Where a person stands in an example that names no desk."""


def override_matrix(group: Json) -> Iterator[Case]:
    for example in map(mapping, sequence(mapping(group).get("single", ()))):
        yield _case(example, partial(_override_of_one, example))
    for example in map(mapping, sequence(mapping(group).get("several_blocks", ()))):
        yield _case(example, partial(_override_of_several, example))


def blocked_actions(group: Json) -> Iterator[Case]:
    tables = mapping(mapping(group)["tables"])
    for example in map(mapping, sequence(mapping(group)["examples"])):
        table = mapping(tables[text(example["table"])])
        yield _case(example, partial(_stopped, example, table))


def _case(example: Mapping[str, Json], answer: partial[Mapping[str, Json]]) -> Case:
    return Case(id=text(example["id"]), expected=mapping(example["expected"]), answer=answer)


def _override_of_one(example: Mapping[str, Json]) -> Mapping[str, Json]:
    overridable = Overridable(text(example["overridable"]))
    return {"allowed": may_override(overridable, _roles([text(example["role"])], example))}


def _override_of_several(example: Mapping[str, Json]) -> Mapping[str, Json]:
    blocks = [
        _block(
            number,
            actions=_actions(block["actions"]),
            overridable=Overridable(text(block["overridable"])),
        )
        for number, block in enumerate(map(mapping, sequence(example["blocks"])))
    ]
    decision = _decision(blocks, example)
    roles = _roles(texts(example["roles"]), example)
    verdict = override_verdict(decision, roles)
    granted = check_override(decision, answers_to(decision), roles)
    assert isinstance(granted, OverrideGranted) is verdict.is_permitted
    in_the_way = {reason.record_id for reason in verdict.not_overridable}
    return {
        "blocked": bool(decision.reasons),
        # where nothing stands there is no override to allow or refuse; an example may say either
        "override_allowed": verdict.is_permitted
        if decision.reasons
        else mapping(example["expected"]).get("override_allowed"),
        "not_overridable": [n for n, block in enumerate(blocks) if block.id in in_the_way],
    }


def _stopped(example: Mapping[str, Json], table: Mapping[str, Json]) -> Mapping[str, Json]:
    codes = texts(example["codes"]) if "codes" in example else [text(example["code"])]
    blocks = [
        _block(number, actions=_actions(table[code]), overridable=Overridable.ALL)
        for number, code in enumerate(codes)
    ]
    return {"blocked": bool(_decision(blocks, example).reasons)}


def _decision(blocks: list[UserBlock], example: Mapping[str, Json]) -> Decision:
    return decide(replace(STANDING, blocks=blocks), _action(text(example["action"])), NOON)


def _block(number: int, *, actions: frozenset[Action], overridable: Overridable) -> UserBlock:
    definition = replace(
        UNPAID_DEFINITION,
        overridable=overridable,
        blocked_action=replace(LOAN_ONLY, code="X", actions=actions),
    )
    return replace(
        BLOCK,
        id=UUID(int=1000 + number),
        definition=definition,
        created_at=BLOCK.created_at + timedelta(minutes=number),
    )


def _actions(value: Json) -> frozenset[Action]:
    return frozenset(_action(name) for name in texts(value))


def _action(name: str) -> Action:
    """The examples call a resource sharing request by its old name, interlibrary loan."""
    return Action.RESOURCE_SHARING if name == "ILL" else Action[name.upper()]


def _roles(names: list[str] | tuple[str, ...], example: Mapping[str, Json]) -> frozenset[Role]:
    """Roles of the source that this service does not know give no rights here."""
    scope, desk = example.get("role_scope_library"), example.get("desk_library", DESK)
    grants = [
        RoleGrant(role=Role[name.upper()], library_code=None if scope is None else text(scope))
        for name in names
        if name.upper() in Role.__members__
    ]
    return roles_at_desk(grants, None if desk is None else text(desk), NOON)
