"""Rows by which an institution begins, and people who are loaded into it, written in bulk.

An institution's own row belongs to the network: only the owner's login may insert it, inside a
network realm that ends with that one statement.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import Table, bindparam, insert

from rules.actions import BlockedActionCode
from rules.block_tables import BlockDefinition, BlockDescription
from rules.gate import BlockPreference
from rules.institutions import Institution, Library
from rules.name_keys import name_keys
from rules.roles import PermissionGrant, Role
from rules.user_blocks import AccountBlock
from rules.users import User, UserGroup, UserIdentifier, UserNote
from storage import tables
from storage.handles import WriteDb
from storage.issuers import IssuerRow
from storage.statements import OWN, Statement, statement


def _insert(table: Table) -> Statement:
    """An insert of every column but the institution, which the handle puts in, and the version,
    which the table counts from 1."""
    columns = [c.name for c in table.c if c.name not in {"institution_code", "version"}]
    return statement(
        insert(table).values(institution_code=OWN, **{name: bindparam(name) for name in columns})
    )


_ISSUER = statement(
    insert(tables.issuer).values(**{c.name: bindparam(c.name) for c in tables.issuer.c})
)
_SPEAKS_FOR = statement(
    insert(tables.issuer_institution).values(
        issuer_url=bindparam("issuer_url"), institution_code=bindparam("institution_code")
    )
)
_INSTITUTION = _insert(tables.institution)
_LIBRARY = _insert(tables.library)
_DESK = _insert(tables.circulation_desk)
_GROUP = _insert(tables.user_group)
_ACTION_CODE = _insert(tables.blocked_action_code)
_DESCRIPTION = _insert(tables.block_description)
_DEFINITION = _insert(tables.block_definition)
_PREFERENCE = _insert(tables.block_preference)
_PERMISSION = _insert(tables.permission_grant)
_USER = _insert(tables.user_account)
_IDENTIFIER = _insert(tables.user_identifier)
_ROLE = _insert(tables.user_role)
_NOTE = _insert(tables.user_note)
_ACCOUNT_BLOCK = _insert(tables.account_block)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRole:
    """A role of a user, by the id of the library in which alone it counts."""

    id: UUID
    user_id: UUID
    role: Role
    library_id: UUID | None = None
    expires_at: datetime | None = None


def insert_institution(db: WriteDb, institution: Institution) -> None:
    """The institution of this handle joins the network."""
    connection = db.connection_in_transaction()
    connection.execute("SET LOCAL app.realm = 'network'", prepare=False)
    db.execute(
        _INSTITUTION,
        name=institution.name,
        time_zone=institution.time_zone,
        currency=institution.currency,
        languages=list(institution.languages),
    )
    connection.execute("SET LOCAL app.realm = ''", prepare=False)


def insert_issuer(db: WriteDb, row: IssuerRow) -> None:
    """A sign-in provider and the institutions it speaks for; in a network scope only."""
    db.execute(
        _ISSUER,
        url=row.url,
        audience=row.audience,
        jwks_url=row.jwks_url,
        static_keys=None if row.static_keys is None else Jsonb(dict(row.static_keys)),
        is_network=row.is_network,
        roles_from=row.roles_from,
        algorithms=list(row.algorithms),
        user_id_claim=row.user_id_claim,
    )
    speaks_for = [
        {"issuer_url": row.url, "institution_code": code} for code in sorted(row.institution_codes)
    ]
    db.execute_many(_SPEAKS_FOR, speaks_for)


def insert_libraries(db: WriteDb, libraries: Sequence[Library]) -> None:
    """Libraries with their desks."""
    db.execute_many(
        _LIBRARY,
        [
            {"id": one.id, "code": one.code, "name": one.name, "time_zone": one.time_zone}
            for one in libraries
        ],
    )
    db.execute_many(
        _DESK,
        [
            {"id": desk.id, "library_id": one.id, "code": desk.code, "name": desk.name}
            for one in libraries
            for desk in one.desks
        ],
    )


def insert_user_groups(db: WriteDb, groups: Iterable[UserGroup]) -> None:
    """User groups."""
    db.execute_many(_GROUP, [{"id": g.id, "code": g.code, "name": g.name} for g in groups])


def insert_block_tables(
    db: WriteDb,
    codes: Sequence[BlockedActionCode],
    descriptions: Sequence[BlockDescription],
    *,
    definitions: Sequence[BlockDefinition],
) -> None:
    """The three tables, in the order in which one names the other."""
    db.execute_many(_ACTION_CODE, [_action_code(code) for code in codes])
    db.execute_many(_DESCRIPTION, [_description(row) for row in descriptions])
    db.execute_many(_DEFINITION, [_definition(row) for row in definitions])


def insert_preferences(db: WriteDb, preferences: Mapping[UUID, BlockPreference]) -> None:
    """The block preferences, each under its id."""
    rows = [
        {
            "id": row_id,
            "reason": row.reason.value,
            "actions": sorted(action.value for action in row.actions),
            "overridable": row.overridable.value,
        }
        for row_id, row in preferences.items()
    ]
    db.execute_many(_PREFERENCE, rows)


def insert_permission_grants(db: WriteDb, grants: Iterable[PermissionGrant]) -> None:
    """Permissions given to roles or persons."""
    rows = [
        {
            "id": grant.id,
            "permission": grant.permission.value,
            "role": None if grant.role is None else grant.role.value,
            "user_id": grant.user_id,
        }
        for grant in grants
    ]
    db.execute_many(_PERMISSION, rows)


def insert_users(db: WriteDb, users: Iterable[tuple[User, datetime]]) -> None:
    """User accounts, each with the instant it was made."""
    db.execute_many(_USER, [_user(user, created_at) for user, created_at in users])


def insert_identifiers(
    db: WriteDb, identifiers: Iterable[tuple[UUID, UUID, UserIdentifier]]
) -> None:
    """Identifiers beside the primary ones: own id, user's id, identifier."""
    rows = [
        {
            "id": row_id,
            "user_id": user_id,
            "type_code": one.type_code,
            "value": one.value,
            "value_key": one.value.casefold(),
        }
        for row_id, user_id, one in identifiers
    ]
    db.execute_many(_IDENTIFIER, rows)


def insert_roles(db: WriteDb, roles: Iterable[HeldRole]) -> None:
    """Roles of users."""
    rows = [
        {
            "id": held.id,
            "user_id": held.user_id,
            "role": held.role.value,
            "library_id": held.library_id,
            "expires_at": held.expires_at,
        }
        for held in roles
    ]
    db.execute_many(_ROLE, rows)


def insert_notes(db: WriteDb, notes: Iterable[tuple[UUID, UserNote]]) -> None:
    """Notes about users: the user's id and the note."""
    rows = [
        {
            "id": note.id,
            "user_id": user_id,
            "note": note.text,
            "is_patron_visible": note.is_patron_visible,
            "is_popup": note.is_popup,
            "created_by": note.created_by,
            "created_at": note.created_at,
        }
        for user_id, note in notes
    ]
    db.execute_many(_NOTE, rows)


def insert_account_blocks(db: WriteDb, blocks: Iterable[AccountBlock]) -> None:
    """Hard blocks of accounts."""
    rows = [
        {
            "id": block.id,
            "user_id": block.user_id,
            "comment": block.comment,
            "blocked_by": block.blocked_by,
            "blocked_at": block.blocked_at,
        }
        for block in blocks
    ]
    db.execute_many(_ACCOUNT_BLOCK, rows)


def _action_code(code: BlockedActionCode) -> dict[str, object]:
    actions = sorted(action.value for action in code.actions)
    return {"id": code.id, "code": code.code, "name": code.name, "actions": actions}


def _description(row: BlockDescription) -> dict[str, object]:
    return {
        "id": row.id,
        "code": row.code,
        "text": row.text,
        "is_enabled": row.is_enabled,
        "is_default": row.is_default,
        "position": row.position,
    }


def _definition(row: BlockDefinition) -> dict[str, object]:
    return {
        "id": row.id,
        "row_id": row.row_id,
        "description_id": row.description.id,
        "description_code": row.description.code,
        "blocked_action_code_id": row.blocked_action.id,
        "block_type": row.block_type.value,
        "overridable": row.overridable.value,
        "is_network_block": row.is_network_block,
    }


def _user(user: User, created_at: datetime) -> dict[str, object]:
    name_key, first_name_key = name_keys(user.first_name, user.last_name)
    return {
        "id": user.id,
        "primary_id": user.primary_id,
        "primary_id_key": user.primary_id.casefold(),
        "first_name": user.first_name,
        "last_name": user.last_name,
        "name_key": name_key,
        "first_name_key": first_name_key,
        "user_group_id": None if user.group is None else user.group.id,
        "record_type": user.record_type.value,
        "account_type": user.account_type.value,
        "status": user.status.value,
        "expires_on": user.expires_on,
        "preferred_language": user.preferred_language,
        "created_at": created_at,
    }
