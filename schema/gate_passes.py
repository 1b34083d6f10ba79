"""Passes as clients see them: `actionAuthorize` asks for one, `passConsume` uses one up."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from resolvers import gate_passes
from resolvers.gate_passes import Attempt, Authorization, OverrideTry
from rules.actions import Action
from rules.gate import ReasonCode
from rules.institutions import CirculationDesk as DeskValue
from rules.overrides import AnsweredReason, OverrideRefusal, strictest
from rules.passes import Pass
from rules.problems import Problem
from rules.user_records import UserRecord
from schema.circulation_desks import CirculationDesk
from schema.context import Info
from schema.errors import UserError, user_errors
from schema.fields import argument, command, field
from schema.gate import RECORD_PREFIX, GateDecision
from schema.ids import TYPES, encoded, number_of
from schema.needs import parts_needed
from schema.nodes import Node
from schema.users import User
from tenancy.refusals import Conflict, InvalidInput, NotFound, NotOverridable, Refusal

MOST_ANSWERS = 200


@strawberry.type(description="A reason that was overridden, in the version that was seen.")
class PassReason:
    code: ReasonCode = field("The code of the reason.")
    record: strawberry.ID | None = field("The record it rests on.")
    version: int = field("The version of that record.")

    @classmethod
    def of(cls, value: AnsweredReason) -> "PassReason":
        number, prefix = value.record_id, RECORD_PREFIX.get(value.code, "u")
        return cls(
            code=value.code,
            record=None if number is None else encoded(prefix, number),
            version=value.version,
        )


@strawberry.type(description="Leave to carry out one action once, for one user and one item.")
class GatePass(Node):
    user: User = field("For whom.")
    action: Action = field("Which action.")
    item_barcode: str | None = field("The item; null for a request that names none.")
    desk: CirculationDesk | None = field("The desk where it was issued; null away from one.")
    issued_to: str = field("Who asked for it.")
    issued_at: datetime = field("When it was issued.")
    expires_at: datetime = field("When it runs out.")
    consumed_at: datetime | None = field("When it was used; null while it was not.")
    rests_on: list[PassReason] = field(
        "The reasons that were overridden; empty where nothing stood against the action."
    )

    @classmethod
    def of(cls, value: Pass, user: User, desk: DeskValue | None) -> "GatePass":
        return cls(
            id=encoded("p", value.id),
            user=user,
            action=value.action,
            item_barcode=value.item_barcode,
            desk=None if desk is None else CirculationDesk.of(desk),
            issued_to=value.issued_to,
            issued_at=value.issued_at,
            expires_at=value.expires_at,
            consumed_at=value.consumed_at,
            rests_on=[PassReason.of(answer) for answer in value.rests_on],
        )


@strawberry.input(description="A reason as the gate showed it, to which an override answers.")
class AnsweredReasonInput:
    code: ReasonCode = field("The code of the reason.")
    record: strawberry.ID | None = field("The record it rests on, as shown.", default=None)
    version: int = field("The version of that record, as shown.")


@strawberry.input(description="An override, once and for this action only.")
class OverrideInput:
    reasons: list[AnsweredReasonInput] = field("Every reason that was seen.")
    why: str = field("Why; managers read it.")


@strawberry.input(description="What is about to be done, for whom, where.")
class ActionAuthorizeInput:
    user: strawberry.ID = field("The user; patrons can name only themselves.")
    action: Action = field("The action.")
    item_barcode: str | None = field(
        "The item. Requests may name none; loans and renewals name one.", default=None
    )
    desk: strawberry.ID | None = field(
        "The circulation desk where you stand; an override needs it.", default=None
    )
    override: OverrideInput | None = field("An override, if you give one.", default=None)


@strawberry.type(description="Whether the action may go ahead.")
class ActionAuthorizePayload:
    pass_: GatePass | None = field("The pass; null where the action may not go.", name="pass")
    decision: GateDecision | None = field(
        "The gate's answer with every reason; null where an input was wrong."
    )
    user_errors: list[UserError] = field("Why there is no pass; empty where there is one.")


@strawberry.input(description="A pass, and what it is used for.")
class PassConsumeInput:
    pass_: strawberry.ID = field("The pass.", name="pass")
    user: strawberry.ID = field("The user, who must be the pass's.")
    action: Action = field("The action, which must be the pass's.")
    item_barcode: str | None = field("The item, which must be the pass's.", default=None)


@strawberry.type(description="What came of using a pass.")
class PassConsumePayload:
    pass_: GatePass | None = field("The used pass; null if it was refused.", name="pass")
    decision: GateDecision | None = field("The gate's answer at that moment.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type
class GatePassMutations:
    @command(
        "Asks for leave to carry out an action, with an override if one is given. A pass counts "
        "once, for minutes. Every try to override is recorded, refused ones too."
    )
    def action_authorize(
        self, info: Info, input: Annotated[ActionAuthorizeInput, argument("What is to be done.")]
    ) -> ActionAuthorizePayload:
        context = info.context
        made = gate_passes.authorize(
            context.writing(),
            _attempt(input),
            pass_minutes=context.pass_minutes,
            parts=parts_needed(info),
        )
        refusal = _refusal(made)
        return ActionAuthorizePayload(
            pass_=_pass(made.issued, made.record, made.desk, info),
            decision=GateDecision.of(made.decision, context.is_patron_only(), made.record.desks),
            user_errors=[] if refusal is None else user_errors(refusal),
        )

    @command(
        "Uses up a pass, in the moment of the action, by a circulation system of the institution. "
        "It is checked again that nothing new stands against the action."
    )
    def pass_consume(
        self, info: Info, input: Annotated[PassConsumeInput, argument("Which pass, for what.")]
    ) -> PassConsumePayload:
        attempt = Attempt(
            user_id=_number(input.user, "User", "user", "There is no such user."),
            action=input.action,
            item_barcode=input.item_barcode,
        )
        number = _number(input.pass_, "GatePass", "pass", "There is no such pass.")
        scope = info.context.writing()
        used = gate_passes.consume(scope, number, attempt, parts=parts_needed(info))
        return PassConsumePayload(
            pass_=_pass(used.consumed, used.record, used.desk, info),
            decision=GateDecision.of(used.decision, False, used.record.desks),
            user_errors=[],
        )


def _attempt(given: ActionAuthorizeInput) -> Attempt:
    desk = given.desk
    sentence = "There is no such circulation desk."
    return Attempt(
        user_id=_number(given.user, "User", "user", "There is no such user."),
        action=given.action,
        item_barcode=given.item_barcode,
        desk_id=None if desk is None else _number(desk, "CirculationDesk", "desk", sentence),
        override=None if given.override is None else _override(given.override),
    )


def _override(given: OverrideInput) -> OverrideTry:
    if len(given.reasons) > MOST_ANSWERS:
        sentence = f"An override answers to at most {MOST_ANSWERS} reasons."
        raise InvalidInput([Problem(path=("override", "reasons"), sentence=sentence)])
    answers = [_answer(number, answer) for number, answer in enumerate(given.reasons)]
    problems = [answer for answer in answers if isinstance(answer, Problem)]
    if problems:
        raise InvalidInput(problems)
    return OverrideTry(
        answers=tuple(answer for answer in answers if isinstance(answer, AnsweredReason)),
        why=given.why,
    )


def _answer(place: int, given: AnsweredReasonInput) -> AnsweredReason | Problem:
    record = None
    if given.record is not None:
        record = number_of(given.record, TYPES[RECORD_PREFIX.get(given.code, "u")])
        if record is None:
            path = ("override", "reasons", str(place), "record")
            return Problem(path=path, sentence="A reason of this code rests on no such record.")
    return AnsweredReason(code=given.code, record_id=record, version=given.version)


def _refusal(made: Authorization) -> Refusal | None:
    if made.issued is not None:
        return None
    refused = made.refused
    if refused is None:
        sentences = " ".join(reason.sentence for reason in made.decision.reasons)
        return Conflict(f"Reasons stand against this action. {sentences}")
    if refused.kind is OverrideRefusal.CHANGED:
        return Conflict(refused.sentence, ["override", "reasons"])
    return NotOverridable(refused.sentence, strictest(refused.reasons))


def _pass(
    value: Pass | None, record: UserRecord, desk: DeskValue | None, info: Info
) -> GatePass | None:
    return None if value is None else GatePass.of(value, User.of(record, info), desk)


def _number(text: str, type_name: str, name: str, sentence: str) -> UUID:
    number = number_of(text, type_name)
    if number is None:
        raise NotFound(sentence, [name])
    return number
