"""The first person of an institution: nobody can give roles over GraphQL before somebody has
the role to give them."""

from datetime import UTC, datetime

from resolvers import user_keeping, user_roles
from resolvers.user_roles import RoleAt
from rules.given import Given
from rules.history import Channel
from rules.roles import Role
from rules.user_drafts import UserDraft
from rules.users import RecordType
from service.institution_setup import institution_exists, owner_db
from service.server_checks import StartRefused
from storage.ids import new_id
from storage.users import users_by_identifier
from tenancy.refusals import Refusal
from tenancy.scopes import WritingScope
from tenancy.system import job_principal
from workers.wakeups import TransactionalWakeups

ROLES = (Role.GENERAL_SYSTEM_ADMINISTRATOR, Role.USER_ADMINISTRATOR)
SET_UP = "set-up"


def add_administrator(owner_url: str, institution_code: str, draft: UserDraft) -> None:
    """Give a person, new or known by the primary identifier, the roles that give all others.
    Raises StartRefused with a sentence."""
    with owner_db(owner_url, institution_code) as db:
        if not institution_exists(db):
            raise StartRefused(f"The network has no institution {institution_code}.")
        scope = WritingScope(
            db=db,
            institution_code=institution_code,
            principal=job_principal(institution_code, SET_UP),
            now=datetime.now(UTC),
            channel=Channel.SYSTEM,
            new_id=new_id,
            wakeups=TransactionalWakeups(),
        )
        try:
            _add(scope, draft)
        except Refusal as refusal:
            raise StartRefused(refusal.message) from None


def staff_draft(primary_id: str, first_name: str, last_name: str) -> UserDraft:
    """A member of staff as typed on the command line."""
    return UserDraft(
        primary_id=Given(primary_id),
        first_name=Given(first_name),
        last_name=Given(last_name),
        record_type=Given(RecordType.STAFF),
    )


def _add(scope: WritingScope, draft: UserDraft) -> None:
    primary_id = draft.primary_id.value if draft.primary_id else ""
    known = users_by_identifier(scope.db, primary_id, frozenset())
    record = known[0] if known else user_keeping.add_user(scope, draft, (), frozenset())
    for role in ROLES:
        wanted = RoleAt(user_id=record.user.id, role=role)
        user_roles.give_role(scope, wanted, frozenset(), expires_at=None, expires_on=None)
