"""Leave to act: `authorize` issues a pass as the gate decides, with or without an override, and
`consume` uses one up, checking again in the same transaction."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from rules.actions import Action
from rules.decisions import decision_from, reasons_against
from rules.gate import Decision
from rules.institutions import CirculationDesk
from rules.override_events import (
    WHY_LIMIT,
    OverrideEvent,
    OverrideOutcome,
    event_reasons,
)
from rules.overrides import (
    AnsweredReason,
    OverrideGranted,
    OverrideRefused,
    check_override,
    roles_at_desk,
)
from rules.passes import (
    BARCODE_LIMIT,
    Pass,
    PassFault,
    item_problem,
    reasons_against_pass,
    why_not_consumable,
)
from rules.problems import Problem
from rules.roles import Role
from rules.standings import standing_of
from rules.text import TextProblem, clean
from rules.user_records import UserRecord
from rules.users import UserPart
from storage import gate_passes, institutions, override_events, users
from tenancy.own_records import is_own, sees_only_own
from tenancy.refusals import Conflict, InvalidInput, NotFound
from tenancy.scopes import InstitutionScope, WritingScope

GATE_PARTS = frozenset({UserPart.BLOCKS, UserPart.ACCOUNT_BLOCK, UserPart.PREFERENCES})

_PATHS = {
    PassFault.CONSUMED: "pass",
    PassFault.EXPIRED: "pass",
    PassFault.OTHER_USER: "user",
    PassFault.OTHER_ACTION: "action",
    PassFault.OTHER_ITEM: "itemBarcode",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideTry:
    """What an operator answers to the reasons that were seen, and why."""

    answers: tuple[AnsweredReason, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An action that somebody is about to carry out for a user."""

    user_id: UUID
    action: Action
    item_barcode: str | None
    desk_id: UUID | None = None
    override: OverrideTry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """What came of an attempt: the decision and, if it may go ahead, the pass. `refused` says
    why an override was not granted. Without either, reasons stand and nobody tried."""

    record: UserRecord
    desk: CirculationDesk | None
    decision: Decision
    issued: Pass | None
    refused: OverrideRefused | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumption:
    """A pass that was used up, with the decision at that moment."""

    record: UserRecord
    desk: CirculationDesk | None
    decision: Decision
    consumed: Pass


def authorize(
    scope: WritingScope,
    attempt: Attempt,
    *,
    pass_minutes: int,
    parts: frozenset[UserPart] = GATE_PARTS,
) -> Authorization:
    """A pass, if nothing stands against the action or the override answers to all that does
    (user-blocks 3.2). Every try to override is recorded, a refused one too, so a refused
    override is answered and not raised. Raises NotFound and InvalidInput for wrong inputs."""
    attempt = _checked(attempt)
    desk = _desk(scope, attempt.desk_id)
    serves_self = sees_only_own(scope)
    record = users.user_by_id(scope.db, attempt.user_id, parts | GATE_PARTS)
    if record is None or (serves_self and not is_own(scope.principal, record.user)):
        raise NotFound("There is no such user.", ["user"])
    if attempt.override is not None and desk is None and not serves_self:
        sentence = "An override is given at a circulation desk: say at which."
        raise InvalidInput([Problem(path=("desk",), sentence=sentence)])
    made = Authorization(
        record=record, desk=desk, decision=_decision(scope, record, attempt.action), issued=None
    )
    if not made.decision.reasons:
        return replace(made, issued=_issue(scope, attempt, (), pass_minutes))
    if attempt.override is None:
        return made
    return _overridden(scope, attempt, made, pass_minutes)


def consume(
    scope: WritingScope,
    pass_id: UUID,
    attempt: Attempt,
    *,
    parts: frozenset[UserPart] = GATE_PARTS,
) -> Consumption:
    """Use up a pass for exactly this user, action and item, and check again that it still
    rests on all that stands. The user's row is held until the transaction ends, as adding a
    block holds it, so a block added meanwhile comes wholly before this or wholly after. Raises
    NotFound, or Conflict with the reason."""
    attempt = _checked(attempt)
    if not users.lock_user(scope.db, attempt.user_id):
        raise NotFound("There is no such user.", ["user"])
    record = users.user_by_id(scope.db, attempt.user_id, parts | GATE_PARTS)
    issued = gate_passes.pass_by_id(scope.db, pass_id)
    if record is None or issued is None:
        raise NotFound("There is no such pass.", ["pass"])
    _require_consumable(scope, issued, attempt)
    decision = _decision(scope, record, attempt.action)
    against = reasons_against_pass(issued, decision)
    if against:
        sentences = " ".join(reason.sentence for reason in against)
        raise Conflict(f"The pass no longer holds; ask for a new one. {sentences}", ["pass"])
    by = scope.principal.label
    if not gate_passes.consume(scope.db, pass_id, now=scope.now, by=by):
        raise Conflict("This pass has been used already; ask for a new one.", ["pass"])
    return Consumption(
        record=record,
        desk=_desk(scope, issued.desk_id),
        decision=decision,
        consumed=replace(issued, consumed_at=scope.now),
    )


def pass_by_id(scope: InstitutionScope, pass_id: UUID) -> Pass | None:
    """The pass of an id, or None."""
    return gate_passes.pass_by_id(scope.db, pass_id)


def _checked(attempt: Attempt) -> Attempt:
    """The attempt with its texts as they are kept; each wrong input is named."""
    barcode, problems = _text(attempt.item_barcode, ("itemBarcode",), BARCODE_LIMIT)
    missing = None if problems else item_problem(attempt.action, barcode)
    problems += [] if missing is None else [missing]
    override = attempt.override
    if override is not None:
        why, wrong = _text(override.why, ("override", "why"), WHY_LIMIT)
        override = replace(override, why=why or "")
        if not why and not wrong:
            sentence = "Say why the block is overridden; managers read it."
            wrong = [Problem(path=("override", "why"), sentence=sentence)]
        problems += wrong
    if problems:
        raise InvalidInput(problems)
    return replace(attempt, item_barcode=barcode, override=override)


def _text(text: str | None, path: tuple[str, ...], limit: int) -> tuple[str | None, list[Problem]]:
    cleaned = clean(text or "", limit=limit)
    if isinstance(cleaned, TextProblem):
        return None, [Problem(path=path, sentence=cleaned.sentence)]
    return cleaned or None, []


def _desk(scope: WritingScope, desk_id: UUID | None) -> CirculationDesk | None:
    if desk_id is None:
        return None
    library = institutions.library_of_desk(scope.db, desk_id)
    if library is None:
        raise NotFound("There is no such circulation desk.", ["desk"])
    return next(desk for desk in library.desks if desk.id == desk_id)


def _decision(scope: WritingScope, record: UserRecord, action: Action) -> Decision:
    decision = decision_from(reasons_against(standing_of(record), scope.now), action)
    scope.note_unknown(decision.reasons)
    return decision


def _overridden(
    scope: WritingScope, attempt: Attempt, made: Authorization, pass_minutes: int
) -> Authorization:
    """Grants or refuses the override, and records which."""
    assert attempt.override is not None
    desk = made.desk
    roles = roles_at_desk(
        scope.principal.grants, None if desk is None else desk.library_code, scope.now
    )
    outcome = check_override(made.decision, attempt.override.answers, roles)
    if isinstance(outcome, OverrideGranted):
        issued = _issue(scope, attempt, outcome.rests_on, pass_minutes)
        made = replace(made, issued=issued)
    else:
        made = replace(made, refused=outcome)
    override_events.insert_event(scope.db, _event(scope, attempt, made, outcome, roles))
    return made


def _issue(
    scope: WritingScope,
    attempt: Attempt,
    rests_on: tuple[AnsweredReason, ...],
    pass_minutes: int,
) -> Pass:
    issued = Pass(
        id=scope.new_id(),
        user_id=attempt.user_id,
        action=attempt.action,
        item_barcode=attempt.item_barcode,
        desk_id=attempt.desk_id,
        issued_to=scope.principal.label,
        issued_at=scope.now,
        expires_at=scope.now + timedelta(minutes=pass_minutes),
        consumed_at=None,
        rests_on=rests_on,
    )
    gate_passes.insert_pass(scope.db, issued)
    return issued


def _event(
    scope: WritingScope,
    attempt: Attempt,
    made: Authorization,
    outcome: OverrideGranted | OverrideRefused,
    roles: frozenset[Role],
) -> OverrideEvent:
    granted = isinstance(outcome, OverrideGranted)
    counted = outcome.roles_used if isinstance(outcome, OverrideGranted) else roles
    in_the_way = outcome.reasons if isinstance(outcome, OverrideRefused) else ()
    return OverrideEvent(
        id=scope.new_id(),
        at=scope.now,
        outcome=OverrideOutcome.GRANTED if granted else OverrideOutcome.REFUSED,
        refusal=outcome.kind if isinstance(outcome, OverrideRefused) else None,
        operator=scope.principal.label,
        roles=tuple(role for role in Role if role in counted),
        desk=made.desk,
        library_name=None,
        user_id=attempt.user_id,
        user_primary_id=made.record.user.primary_id,
        action=attempt.action,
        item_barcode=attempt.item_barcode,
        reasons=event_reasons(made.decision, in_the_way),
        why="" if attempt.override is None else attempt.override.why,
        pass_id=None if made.issued is None else made.issued.id,
    )


def _require_consumable(scope: WritingScope, issued: Pass, attempt: Attempt) -> None:
    fault = why_not_consumable(
        issued,
        scope.now,
        user_id=attempt.user_id,
        action=attempt.action,
        item_barcode=attempt.item_barcode,
    )
    if fault is not None:
        raise Conflict(fault.sentence, [_PATHS[fault.fault]])
