"""How each thing that stands against a user becomes a reason: what it stops, who may override
it, and the words for staff and patron. A staff note or a comment is never among the words."""

from functools import lru_cache

from rules.actions import ALL_ACTIONS, Action, actions_stopped_by, in_words
from rules.block_tables import BlockDefinition, Overridable
from rules.checks import ComputedCheck, Finding
from rules.gate import Reason, ReasonCode, Standing
from rules.user_blocks import AccountBlock, BlockOrigin, UserBlock

NO_ACTIONS: frozenset[Action] = frozenset()


def account_block_reason(account_block: AccountBlock) -> Reason:
    """The hard block stops every action here and nobody may override it; it ends when somebody
    unblocks the account (user-blocks 4, hard block). Its comment is for staff only.

    >>> from uuid import UUID
    >>> from rules.specimens import NOON, READER
    >>> reason = account_block_reason(AccountBlock(id=UUID(int=9), user_id=READER.id,
    ...     comment="Shouted at staff", blocked_by="desk-1", blocked_at=NOON, version=1))
    >>> reason.sentence, reason.overridable.name
    ('The account is blocked at this institution.', 'NONE')
    """
    return Reason(
        code=ReasonCode.ACCOUNT_BLOCKED,
        is_unknown=False,
        stops=ALL_ACTIONS,
        overridable=Overridable.NONE,
        record_id=account_block.id,
        version=account_block.version,
        block=None,
        sentence="The account is blocked at this institution.",
        advice="Ask the library's staff why the account is blocked and how to have it unblocked.",
        until=None,
    )


def found_reason(standing: Standing, code: ReasonCode, finding: Finding) -> Reason:
    """What a computed check found stops the actions its row of the block preferences names;
    without a row it stops all and nobody may override it (user-blocks 3.3; fail closed).

    >>> from rules.specimens import STANDING
    >>> found = Finding(sentence="The account has expired.", advice="Ask at the desk.")
    >>> found_reason(STANDING, ReasonCode.ACCOUNT_EXPIRED, found).overridable.name
    'CIRCDESC'
    """
    preference = standing.preferences.get(code)
    return Reason(
        code=code,
        is_unknown=False,
        stops=ALL_ACTIONS if preference is None else actions_stopped_by(preference.actions),
        overridable=Overridable.NONE if preference is None else preference.overridable,
        record_id=standing.user.id,
        version=standing.user.version,
        block=None,
        sentence=finding.sentence,
        advice=finding.advice,
        until=finding.until,
    )


def unknown_reason(standing: Standing, check: ComputedCheck) -> Reason:
    """A check that could not be made stands against whatever it could have stopped, by name,
    and nobody may override what nobody knows (design, "Fail closed").

    >>> from rules.checks import CHECKS
    >>> from rules.specimens import STANDING
    >>> unknown_reason(STANDING, CHECKS[1]).sentence
    'It could not be found out whether the account has expired, so the action is stopped.'
    """
    preference = standing.preferences.get(check.code)
    return Reason(
        code=ReasonCode.CHECK_UNKNOWN,
        is_unknown=True,
        stops=ALL_ACTIONS if preference is None else actions_stopped_by(preference.actions),
        overridable=Overridable.NONE,
        record_id=standing.user.id,
        version=standing.user.version,
        block=None,
        sentence=f"It could not be found out {check.question}, so the action is stopped.",
        advice="Ask at the library desk; staff will have the account looked at.",
        until=None,
        failed_check=check.code,
    )


def block_reason(block: UserBlock) -> Reason:
    """What a block in force stops, and who may override it, is said by the definition of its
    description (user-blocks 2 and 2.2). A loaded block without a definition has no effect and
    is only shown; with any other block the lack is a gap in our tables, and stops everything.

    >>> from rules.specimens import BLOCK
    >>> block_reason(BLOCK).sentence
    'A block is in force: Unpaid fees. It stops loan.'
    """
    definition = block.definition
    if definition is None:
        if block.origin is BlockOrigin.IMPORT:
            return _without_effect(block)
        return undefined_block_reason(block)
    stops = actions_stopped_by(definition.blocked_action.actions)
    if not stops:  # no valid table holds such a code
        return undefined_block_reason(block)
    return Reason(
        code=ReasonCode.USER_BLOCK,
        is_unknown=False,
        stops=stops,
        overridable=definition.overridable,
        record_id=block.id,
        version=block.version,
        block=block,
        sentence=_block_sentence(definition.description.text, stops),
        advice=block.patron_text or _block_advice(block),
        until=block.expires_at,
    )


def undefined_block_reason(block: UserBlock) -> Reason:
    """A block in force whose effect nobody can tell stops every action until the block tables
    are put right (user-blocks 2.2, and design, "Fail closed").

    >>> from rules.specimens import BLOCK
    >>> undefined_block_reason(BLOCK).is_unknown
    True
    """
    return Reason(
        code=ReasonCode.USER_BLOCK,
        is_unknown=True,
        stops=ALL_ACTIONS,
        overridable=Overridable.NONE,
        record_id=block.id,
        version=block.version,
        block=block,
        sentence=(
            f"A block is in force whose effect is not known: {_text_of(block)}. Every action is "
            "stopped until the block tables say what blocks of this description do."
        ),
        advice=block.patron_text or _block_advice(block),
        until=block.expires_at,
        failed_check=ReasonCode.USER_BLOCK,
    )


def _without_effect(block: UserBlock) -> Reason:
    return Reason(
        code=ReasonCode.USER_BLOCK,
        is_unknown=False,
        stops=NO_ACTIONS,
        overridable=Overridable.NONE,
        record_id=block.id,
        version=block.version,
        block=block,
        sentence=(
            f"A loaded block has no effect: {_text_of(block)}. "
            "Its description has no block definition."
        ),
        advice=block.patron_text or "Nothing needs to be done.",
        until=block.expires_at,
    )


def _text_of(block: UserBlock) -> str:
    definition: BlockDefinition | None = block.definition
    description = block.description if definition is None else definition.description
    return "description not known" if description is None else description.text


def _block_advice(block: UserBlock) -> str:
    if block.expires_at is None:
        return "Ask at the library desk what is needed to have the block lifted."
    return "The block ends by itself at the time shown; ask at the library desk about it."


@lru_cache(maxsize=4096)
def _block_sentence(text: str, stops: frozenset[Action]) -> str:
    return f"A block is in force: {text}. It stops {in_words(stops)}."
