"""API tokens as administrators see them, and the commands that add and revoke one."""

import secrets
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from resolvers import api_tokens
from rules.api_tokens import ApiToken as TokenValue
from rules.roles import Role, RoleGrant
from schema.context import Info
from schema.errors import UserError
from schema.fields import argument, command, field, question
from schema.ids import encoded, number_of
from schema.nodes import Connection, Node, connection, keys_of, page_size
from tenancy.api_tokens import SECRET_BYTES, new_api_token
from tenancy.refusals import NotFound


@strawberry.type(description="A role that an API token carries.")
class ApiTokenGrant:
    role: Role = field("The role.")
    library: str | None = field("The code of the only library where it counts; null: everywhere.")


@strawberry.type(description="A key by which a front-end signs in; its secret is shown once.")
class ApiToken(Node):
    name: str = field("What the token is for; the history names its deeds by it.")
    grants: list[ApiTokenGrant] = field("The roles that it carries.")
    created_by: str = field("Who added it.")
    created_at: datetime = field("When it was added.")
    expires_at: datetime | None = field("When it ends by itself; null: when it is revoked.")
    revoked_at: datetime | None = field("When it was revoked; null while it was not.")
    last_used_at: datetime | None = field("When it last signed in, to the minute.")

    @classmethod
    def of(cls, value: TokenValue) -> "ApiToken":
        return cls(
            id=encoded("t", value.id),
            name=value.name,
            grants=[ApiTokenGrant(role=g.role, library=g.library_code) for g in value.grants],
            created_by=value.created_by,
            created_at=value.created_at,
            expires_at=value.expires_at,
            revoked_at=value.revoked_at,
            last_used_at=value.last_used_at,
        )


@strawberry.input(description="A role for an API token: any but PATRON and NETWORK_ADMINISTRATOR.")
class ApiTokenGrantInput:
    role: Role = field("The role.")
    library: str | None = field("The code of the only library where it counts.", default=None)


@strawberry.input(description="The API token to add.")
class ApiTokenAddInput:
    name: str = field("What the token is for.")
    grants: list[ApiTokenGrantInput] = field("The roles that it carries.")
    expires_at: datetime | None = field("When it ends; left out: when it is revoked.", default=None)


@strawberry.type(description="What came of adding an API token.")
class ApiTokenAddPayload:
    api_token: ApiToken | None = field("The new token; null if it was refused.")
    token: str | None = field(
        "The text by which the front-end signs in, as a bearer token. It is never shown again."
    )
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.input(description="The API token to revoke.")
class ApiTokenRevokeInput:
    api_token: strawberry.ID = field("The token.")


@strawberry.type(description="What came of revoking an API token.")
class ApiTokenRevokePayload:
    api_token: ApiToken | None = field("The revoked token; null if it was refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type
class ApiTokenQueries:
    @question("The API tokens of the institution, newest first, revoked ones too.")
    def api_tokens(
        self,
        info: Info,
        first: Annotated[int, argument("How many, at most 100.")] = 25,
        after: Annotated[str | None, argument("The cursor to go on from.")] = None,
    ) -> Connection[ApiToken]:
        page = api_tokens.tokens_page(
            info.context.reading(), first=page_size(first), after=keys_of(after, UUID)
        )
        return connection(page, ApiToken.of)


@strawberry.type
class ApiTokenMutations:
    @command("Adds an API token; its text is shown once, in this answer.")
    def api_token_add(
        self, info: Info, input: Annotated[ApiTokenAddInput, argument("The token.")]
    ) -> ApiTokenAddPayload:
        scope = info.context.writing()
        secret = secrets.token_bytes(SECRET_BYTES)
        added = api_tokens.add_token(
            scope,
            input.name,
            grants=tuple(RoleGrant(role=g.role, library_code=g.library) for g in input.grants),
            expires_at=input.expires_at,
            secret=secret,
        )
        text = new_api_token(scope.institution_code, added.id, secret)
        return ApiTokenAddPayload(api_token=ApiToken.of(added), token=text, user_errors=[])

    @command("Revokes an API token: from now on it signs nobody in.")
    def api_token_revoke(
        self, info: Info, input: Annotated[ApiTokenRevokeInput, argument("Which token.")]
    ) -> ApiTokenRevokePayload:
        token_id = number_of(input.api_token, "ApiToken")
        if token_id is None:
            raise NotFound("There is no such API token.", ["apiToken"])
        revoked = api_tokens.revoke_token(info.context.writing(), token_id)
        return ApiTokenRevokePayload(api_token=ApiToken.of(revoked), user_errors=[])
