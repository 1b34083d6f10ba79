"""What the database refuses, by the name of the constraint, in words for a librarian.

Resolvers ask the rules first, so these sentences are read only by the second of two people who
did the same thing at the same time. PostgreSQL's own text never reaches a client.
"""

from collections.abc import Mapping
from types import MappingProxyType

import psycopg
from psycopg.errors import DeadlockDetected, LockNotAvailable, SerializationFailure

BUSY = "Somebody else is changing the same records right now. Try again in a moment."

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "blocked_action_code_is_unique": "Another blocked-action code has this code by now.",
        "blocked_action_code_is_unique_in_any_case": (
            "Another blocked-action code differs from this only in upper and lower case."
        ),
        "blocked_action_code_stops_something": "A blocked-action code stops at least one action.",
        "block_description_code_is_unique": "Another description has this code by now.",
        "block_description_code_is_unique_in_any_case": (
            "Another description has a code that differs only in upper and lower case."
        ),
        "block_description_position_is_unique": (
            "The order of the descriptions has changed meanwhile. Look at the list again."
        ),
        "block_description_at_most_one_default": "Another description is the default by now.",
        "block_definition_row_id_is_unique": "Another definition has this ID by now.",
        "block_definition_row_id_is_unique_in_any_case": (
            "Another definition has an ID that differs only in upper and lower case."
        ),
        "block_definition_one_per_description": (
            "The description has another definition by now. A description has one definition."
        ),
        "block_definition_consortia_never_travels": (
            "Blocks with the description CONSORTIA come from another member and never travel on; "
            "they cannot be network blocks."
        ),
        "block_definition_consortia_is_consortial": (
            "The definition of CONSORTIA must be of the type Consortial block."
        ),
        "block_definition_description_exists": (
            "The description and its definition no longer fit: one was deleted or is still used. "
            "Look at both tables again."
        ),
        "block_definition_blocked_action_exists": (
            "The blocked-action code and the definitions no longer fit: it was deleted or is still "
            "used. Look at both tables again."
        ),
        "block_preference_one_per_reason": (
            "Somebody else has changed this preference. Look at it again."
        ),
        "user_block_description_stays": (
            "Users have blocks with this description, or it was deleted meanwhile."
        ),
        "user_block_definition_stays": (
            "Users have blocks that rest on this definition, or it was deleted meanwhile."
        ),
        "user_block_user_exists": "The user was deleted meanwhile.",
        "user_block_expires_after_it_was_made": "A block expires after the time it was made.",
        "user_account_primary_id_is_unique": "Another user has this primary identifier by now.",
        "user_identifier_is_unique": "Another user has this identifier by now.",
        "user_role_given_once": "The user holds this role already.",
        "permission_given_once": "This permission was given already.",
        "job_report_one_of_a_kind_at_a_time": "This job is waiting or running already.",
        "user_role_institution_code_user_id_fkey": "The user was deleted meanwhile.",
        "user_note_institution_code_user_id_fkey": "The user was deleted meanwhile.",
        "user_identifier_institution_code_user_id_fkey": "The user was deleted meanwhile.",
        "gate_pass_institution_code_user_id_fkey": "The user was deleted meanwhile.",
        "account_block_at_most_one_a_user": "The account is blocked by now.",
        "account_block_user_exists": "The user was deleted meanwhile.",
    }
)
"""Whoever adds a constraint that two people at once can run into adds its sentence here."""


def conflict_sentence(error: psycopg.Error) -> str | None:
    """What to tell the person whose change the database refused; None where nobody should have
    come so far, which is a bug."""
    if isinstance(error, (LockNotAvailable, DeadlockDetected, SerializationFailure)):
        return BUSY
    if isinstance(error, psycopg.IntegrityError):
        return SENTENCES.get(error.diag.constraint_name or "")
    return None
