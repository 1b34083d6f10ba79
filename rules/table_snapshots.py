"""The rows of the block tables as the history keeps them, whole, before and after a change."""

from rules.actions import Action, BlockedActionCode, in_order
from rules.block_tables import BlockDefinition, BlockDescription
from rules.gate import BlockPreference


def description_snapshot(description: BlockDescription) -> dict[str, object]:
    """Every column of a description.

    >>> from rules.specimens import UNPAID
    >>> description_snapshot(UNPAID)["text"]
    'Unpaid fees'
    """
    return {
        "code": description.code,
        "text": description.text,
        "is_enabled": description.is_enabled,
        "is_default": description.is_default,
        "position": description.position,
        "version": description.version,
    }


def definition_snapshot(definition: BlockDefinition) -> dict[str, object]:
    """Every column of a definition, and what the rows it names are called now.

    >>> from rules.specimens import UNPAID_DEFINITION
    >>> definition_snapshot(UNPAID_DEFINITION)["blocked_action_code"]
    '01'
    """
    return {
        "row_id": definition.row_id,
        "description_id": str(definition.description.id),
        "description_code": definition.description.code,
        "blocked_action_id": str(definition.blocked_action.id),
        "blocked_action_code": definition.blocked_action.code,
        "block_type": definition.block_type.value,
        "overridable": definition.overridable.value,
        "is_network_block": definition.is_network_block,
        "version": definition.version,
    }


def action_code_snapshot(code: BlockedActionCode) -> dict[str, object]:
    """Every column of a blocked-action code.

    >>> from rules.specimens import LOAN_ONLY
    >>> action_code_snapshot(LOAN_ONLY)["actions"]
    ['LOAN']
    """
    return {
        "code": code.code,
        "name": code.name,
        "actions": _names(code.actions),
        "version": code.version,
    }


def preference_snapshot(preference: BlockPreference) -> dict[str, object]:
    """Every column of a block preference.

    >>> from rules.checks import default_preferences
    >>> from rules.gate import ReasonCode
    >>> preference_snapshot(default_preferences()[ReasonCode.ACCOUNT_INACTIVE])["overridable"]
    'NONE'
    """
    return {
        "reason": preference.reason.value,
        "actions": _names(preference.actions),
        "overridable": preference.overridable.value,
        "version": preference.version,
    }


def _names(actions: frozenset[Action]) -> list[str]:
    return [action.value for action in in_order(actions)]
