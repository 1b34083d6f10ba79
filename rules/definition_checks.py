"""What makes block definitions and blocked-action codes valid. Problems turn a change down,
notices go with a change that is carried out."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from rules.actions import ALL_ACTIONS_CODE, Action, BlockedActionCode
from rules.block_tables import (
    CONSORTIA,
    OVERDUE,
    BlockDefinition,
    BlockDescription,
    BlockType,
    Overridable,
)
from rules.code_checks import (
    blocks_counted,
    code_problems,
    notice_at,
    problem_at,
    taken_problems,
    text_problems,
)
from rules.problems import Notice, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionDraft:
    """A block definition as somebody wants it."""

    row_id: str
    description: BlockDescription
    blocked_action: BlockedActionCode
    block_type: BlockType
    overridable: Overridable
    is_network_block: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionCodeDraft:
    """A row of the table from code to actions as somebody wants it."""

    code: str
    name: str
    actions: frozenset[Action]


def definition_problems(
    draft: DefinitionDraft,
    others: Iterable[BlockDefinition],
    *,
    current: BlockDefinition | None = None,
) -> tuple[Problem, ...]:
    """The ID is well formed, free and never changed; each description has one definition at
    most; CONSORTIA is of type Consortial and never a network block (user-blocks 1.5, 2.2).

    >>> from dataclasses import replace
    >>> from rules.specimens import LOAN_ONLY, UNPAID
    >>> draft = DefinitionDraft(row_id="AFNBLOCK", description=replace(UNPAID, code="CONSORTIA"),
    ...     blocked_action=LOAN_ONLY, block_type=BlockType.CONSORTIAL,
    ...     overridable=Overridable.ALL, is_network_block=True)
    >>> [problem.path for problem in definition_problems(draft, [])]
    [('is_network_block',)]
    """
    others = tuple(others)
    problems = [*code_problems(draft.row_id, "row_id")]
    if current is not None and current.row_id != draft.row_id:
        problems.append(problem_at("row_id", "The ID of a definition cannot be changed."))
    problems += taken_problems(draft.row_id, "row_id", (other.row_id for other in others))
    for other in others:
        if other.description.id == draft.description.id:
            sentence = (
                f"The description {draft.description.code} has a definition already: "
                f"{other.row_id}. A description has one definition."
            )
            problems.append(problem_at("description", sentence))
    if draft.description.code == CONSORTIA:
        problems += consortia_problems(draft.block_type, is_network_block=draft.is_network_block)
    if not draft.blocked_action.actions:
        sentence = f"The code {draft.blocked_action.code} stops no action; choose another."
        problems.append(problem_at("blocked_action", sentence))
    return tuple(problems)


def definition_of(
    definition_id: UUID, draft: DefinitionDraft, *, version: int = 1
) -> BlockDefinition:
    """A draft as the row that it becomes (user-blocks 2.2).

    >>> from rules.specimens import LOAN_ONLY, UNPAID
    >>> draft = DefinitionDraft(row_id="FEES", description=UNPAID, blocked_action=LOAN_ONLY,
    ...     block_type=BlockType.CASH, overridable=Overridable.ALL)
    >>> definition_of(UUID(int=9), draft).row_id
    'FEES'
    """
    return BlockDefinition(
        id=definition_id,
        row_id=draft.row_id,
        description=draft.description,
        blocked_action=draft.blocked_action,
        block_type=draft.block_type,
        overridable=draft.overridable,
        is_network_block=draft.is_network_block,
        version=version,
    )


def definition_notices(
    draft: DefinitionDraft, *, current: BlockDefinition | None = None
) -> tuple[Notice, ...]:
    """Warnings of a definition: a consortial network block other than CONSORTIA is allowed, as
    blocks from a target are entered by hand at home (user-blocks 1.5, L5); the type of demerit
    and consortial definitions should not change (2.2); OVERDUE is of type Loan (6.1).

    >>> from rules.specimens import LOAN_ONLY, UNPAID
    >>> draft = DefinitionDraft(row_id="FROM_TARGET", description=UNPAID,
    ...     blocked_action=LOAN_ONLY, block_type=BlockType.CONSORTIAL,
    ...     overridable=Overridable.ALL, is_network_block=True)
    >>> [notice.path for notice in definition_notices(draft)]
    [('is_network_block',)]
    """
    notices = []
    code = draft.description.code
    if (
        draft.is_network_block
        and draft.block_type is BlockType.CONSORTIAL
        and code != CONSORTIA  # there it is a problem
    ):
        sentence = (
            f"Blocks with the description {code} are consortial and travel on to other members. "
            "Use this only for blocks that a lending library asks you to enter by hand."
        )
        notices.append(notice_at("is_network_block", sentence))
    if code == OVERDUE and draft.block_type is not BlockType.LOAN:
        notices.append(
            notice_at("block_type", "The definition of OVERDUE is usually of type Loan.")
        )
    if (
        current is not None
        and current.block_type in (BlockType.DEMERIT, BlockType.CONSORTIAL)
        and current.block_type is not draft.block_type
    ):
        sentence = f"The system relies on the type {current.block_type.value} of this definition."
        notices.append(notice_at("block_type", sentence))
    return tuple(notices)


def action_code_problems(
    draft: ActionCodeDraft, others: Iterable[BlockedActionCode]
) -> tuple[Problem, ...]:
    """Code and name are well formed, the code is free, and it stops something (user-blocks 0.1:
    what a code stops is each institution's own).

    >>> draft = ActionCodeDraft(code="05", name="Nothing", actions=frozenset())
    >>> action_code_problems(draft, [])[0].sentence
    'A blocked-action code stops at least one action.'
    """
    problems = [
        *code_problems(draft.code, "code"),
        *text_problems(draft.name, "name"),
        *taken_problems(draft.code, "code", (other.code for other in others)),
    ]
    if not draft.actions:
        problems.append(problem_at("actions", "A blocked-action code stops at least one action."))
    return tuple(problems)


def action_code_notices(
    draft: ActionCodeDraft, *, current: BlockedActionCode | None = None
) -> tuple[Notice, ...]:
    """A code that stops renewals stops automatic ones too, whether it says so or not
    (user-blocks 2.4). The code for all actions is looked for by its name (6.1).

    >>> draft = ActionCodeDraft(code="02", name="x", actions=frozenset({Action.RENEW}))
    >>> len(action_code_notices(draft))
    1
    """
    notices = [*renewal_notices(draft.actions)]
    if current is not None and current.code == ALL_ACTIONS_CODE != draft.code:
        sentence = (
            f"{ALL_ACTIONS_CODE} gets another code: new definitions of overdue blocks look for it."
        )
        notices.append(notice_at("code", sentence))
    return tuple(notices)


def renewal_notices(actions: frozenset[Action]) -> tuple[Notice, ...]:
    """Automatic renewal is renewal: who stops the one stops the other (user-blocks 2.4)."""
    if Action.RENEW in actions and Action.AUTO_RENEW not in actions:
        sentence = "What stops renewals stops automatic renewals too, though they are not named."
        return (notice_at("actions", sentence),)
    return ()


def why_not_deletable_definition(
    definition: BlockDefinition, *, live_blocks: int
) -> Problem | None:
    """A definition stays while users have blocks of its description that are not removed: with
    it they would lose their effect (user-blocks 2.2, last reading).

    >>> from rules.specimens import UNPAID_DEFINITION
    >>> why_not_deletable_definition(UNPAID_DEFINITION, live_blocks=0) is None
    True
    """
    if not live_blocks:
        return None
    sentence = (
        f"The definition {definition.row_id} cannot be deleted: {blocks_counted(live_blocks)} the "
        f"description {definition.description.code}, and nobody could tell what they stop. "
        "Remove the blocks first."
    )
    return problem_at("id", sentence)


def why_description_stays(
    definition: BlockDefinition, wanted: BlockDescription, *, live_blocks: int
) -> Problem | None:
    """A definition cannot go over to another description while users have blocks of the present
    one: these would lose their effect (user-blocks 2.2, last reading).

    >>> from dataclasses import replace
    >>> from rules.specimens import UNPAID, UNPAID_DEFINITION
    >>> why_description_stays(UNPAID_DEFINITION, UNPAID, live_blocks=7) is None
    True
    """
    if wanted.id == definition.description.id or not live_blocks:
        return None
    sentence = (
        f"The definition {definition.row_id} cannot change its description: "
        f"{blocks_counted(live_blocks)} the description {definition.description.code}, and nobody "
        "could tell what they stop. Remove the blocks first."
    )
    return problem_at("description", sentence)


def why_not_deletable_action_code(
    code: BlockedActionCode, definitions: Iterable[BlockDefinition]
) -> Problem | None:
    """A code in use by a definition stays, and so does the code for all actions, which new
    OVERDUE definitions use (user-blocks 6.1).

    >>> from rules.specimens import LOAN_ONLY, UNPAID_DEFINITION
    >>> why_not_deletable_action_code(LOAN_ONLY, [UNPAID_DEFINITION]).sentence
    'The code 01 cannot be deleted: the definition UNPAID uses it.'
    """
    user = next((row.row_id for row in definitions if row.blocked_action.id == code.id), None)
    why = f"the definition {user} uses it" if user is not None else None
    if why is None and code.code == ALL_ACTIONS_CODE:
        why = "definitions of overdue blocks use it unless told otherwise"
    return (
        None if why is None else problem_at("id", f"The code {code.code} cannot be deleted: {why}.")
    )


def consortia_problems(
    block_type: BlockType, *, is_network_block: bool, path: str | None = None
) -> tuple[Problem, ...]:
    """What the definition of CONSORTIA may not be (user-blocks 1.5)."""
    problems = []
    if is_network_block:
        sentence = (
            "Blocks with the description CONSORTIA come from another member and never travel on; "
            "they cannot be network blocks."
        )
        problems.append(problem_at(path or "is_network_block", sentence))
    if block_type is not BlockType.CONSORTIAL:
        sentence = "The definition of CONSORTIA must be of the type Consortial block."
        problems.append(problem_at(path or "block_type", sentence))
    return tuple(problems)
