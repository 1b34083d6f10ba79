"""What makes the list of block descriptions valid. Problems turn a change down, notices go with
a change that is carried out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from rules.block_tables import CONSORTIA, OVERDUE, BlockDefinition, BlockDescription
from rules.code_checks import (
    blocks_counted,
    code_problems,
    notice_at,
    problem_at,
    taken_problems,
    text_problems,
)
from rules.definition_checks import consortia_problems
from rules.problems import Notice, Problem

_LOOKED_FOR = {
    OVERDUE: "overdue blocks cannot be made without it",
    CONSORTIA: "blocks from other members of the network cannot arrive without it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DescriptionDraft:
    """A block description as somebody wants it. A new default takes the place of the old."""

    code: str
    text: str
    is_enabled: bool = True
    is_default: bool = False


def description_problems(
    draft: DescriptionDraft,
    others: Iterable[BlockDescription],
    *,
    definition: BlockDefinition | None = None,
) -> tuple[Problem, ...]:
    """Code and text are well formed, the code is not taken by one of the `others`, a default is
    enabled (user-blocks 2.1). Codes are case-sensitive, since the system looks for exactly
    OVERDUE and CONSORTIA; so that nobody makes a second "Overdue" by mistake, a code that
    differs from another only in case is refused. `definition` is the one that blocks of this
    description have now, for the case that the new code makes it invalid.

    >>> from rules.specimens import UNPAID
    >>> draft = DescriptionDraft(code="Unpaid", text="Fees")
    >>> description_problems(draft, [UNPAID])[0].sentence
    'The code Unpaid differs from UNPAID only in upper and lower case; choose another.'
    """
    problems = [
        *code_problems(draft.code, "code"),
        *text_problems(draft.text, "text"),
        *taken_problems(draft.code, "code", (other.code for other in others)),
    ]
    if draft.is_default and not draft.is_enabled:
        problems.append(
            problem_at("is_default", "A disabled description cannot be the default; enable it.")
        )
    if draft.code == CONSORTIA and definition is not None:
        problems += consortia_problems(
            definition.block_type, is_network_block=definition.is_network_block, path="code"
        )
    return tuple(problems)


def description_notices(
    current: BlockDescription, draft: DescriptionDraft | None
) -> tuple[Notice, ...]:
    """Changing the code of OVERDUE or CONSORTIA, disabling or deleting (`draft` None) it goes
    with a warning, since the system looks for these codes (user-blocks 2.1).

    >>> from dataclasses import replace
    >>> from rules.specimens import UNPAID
    >>> description_notices(replace(UNPAID, code="OVERDUE"), None)[0].sentence
    'OVERDUE will be deleted: overdue blocks cannot be made without it.'
    """
    consequence = _LOOKED_FOR.get(current.code)
    if consequence is None:
        return ()
    if draft is None:
        return (notice_at("code", f"{current.code} will be deleted: {consequence}."),)
    if draft.code != current.code:
        return (notice_at("code", f"{current.code} gets another code: {consequence}."),)
    if current.is_enabled and not draft.is_enabled:
        sentence = f"{current.code} is looked for by the system; disabled, staff cannot choose it."
        return (notice_at("is_enabled", sentence),)
    return ()


def reordered(
    descriptions: Sequence[BlockDescription], wanted: Sequence[UUID]
) -> tuple[BlockDescription, ...] | Problem:
    """The descriptions in their new order. It must name each of them exactly once, so that two
    people who reorder at the same time do not lose one another's rows (user-blocks 2.1).

    >>> from rules.specimens import UNPAID
    >>> reordered([UNPAID], []).sentence
    'The new order must name each of the 1 descriptions exactly once.'
    """
    by_id = {description.id: description for description in descriptions}
    if len(wanted) != len(by_id) or frozenset(wanted) != by_id.keys():
        return problem_at(
            "order", f"The new order must name each of the {len(by_id)} descriptions exactly once."
        )
    return tuple(replace(by_id[id_], position=place) for place, id_ in enumerate(wanted))


def why_not_deletable_description(
    description: BlockDescription, *, definition: BlockDefinition | None, live_blocks: int
) -> Problem | None:
    """A description with a definition or with blocks that are not removed stays; it can be
    disabled (user-blocks 2.1).

    >>> from rules.specimens import UNPAID
    >>> why_not_deletable_description(UNPAID, definition=None, live_blocks=2).sentence
    'UNPAID cannot be deleted: 2 blocks on users have it. Disable it instead.'
    """
    whys = []
    if definition is not None:
        whys.append(f"the definition {definition.row_id} uses it")
    if live_blocks:
        whys.append(f"{blocks_counted(live_blocks)} it")
    if not whys:
        return None
    why = " and ".join(whys)
    return problem_at("id", f"{description.code} cannot be deleted: {why}. Disable it instead.")


def why_not_disabled(description: BlockDescription) -> Problem | None:
    """The default is what the list offers first, so it is always enabled (user-blocks 2.1).

    >>> from rules.specimens import UNPAID
    >>> why_not_disabled(replace(UNPAID, is_default=True)).sentence
    'UNPAID is the default and cannot be disabled; choose another default, or none, first.'
    """
    if not description.is_default:
        return None
    sentence = (
        f"{description.code} is the default and cannot be disabled; choose another default, "
        "or none, first."
    )
    return problem_at("id", sentence)


def why_not_default(description: BlockDescription) -> Problem | None:
    """What is not offered cannot be offered first (user-blocks 2.1).

    >>> from rules.specimens import UNPAID
    >>> why_not_default(replace(UNPAID, is_enabled=False)).sentence
    'UNPAID is disabled and cannot be the default; enable it first.'
    """
    if description.is_enabled:
        return None
    sentence = f"{description.code} is disabled and cannot be the default; enable it first."
    return problem_at("id", sentence)
