"""docs/roles.md, written from the one table of who may call which field."""

from collections.abc import Mapping

from rules.roles import Role
from schema.access import ACCESS, HTTP_ACCESS, Access
from schema.enums import ROLE_DESCRIPTIONS

INTRODUCTION = """# Who may ask and do what

Written by `python -m service roles` from `schema/access.py`; `make test` fails when it is out of
date. A role counts until the instant it expires. A role given for one library counts wherever a
field does not ask at which desk somebody stands. Another institution's records do not exist,
whatever the role.

Where a permission is named, the role alone does not suffice: the institution must have given the
permission to the role or to the person.
"""


def roles_document() -> str:
    """The whole file."""
    kinds = {"Questions": "Query.", "Commands": "Mutation.", "Subscriptions": "Subscription."}
    parts = [INTRODUCTION, _roles()]
    for title, prefix in kinds.items():
        found = {k.removeprefix(prefix): v for k, v in ACCESS.items() if k.startswith(prefix)}
        if found:
            parts.append(_table(title, found))
    if HTTP_ACCESS:
        parts.append(_table("Outside GraphQL", HTTP_ACCESS))
    return "\n".join(parts)


def _roles() -> str:
    lines = ["## The roles", "", "| Role | Who |", "|---|---|"]
    lines += [f"| {role.value} | {ROLE_DESCRIPTIONS[role]} |" for role in Role]
    return "\n".join(lines) + "\n"


def _table(title: str, rows: Mapping[str, Access]) -> str:
    lines = [f"## {title}", "", "| Field | Roles | Permission | Note |", "|---|---|---|---|"]
    for name in sorted(rows):
        access = rows[name]
        permission = _permission(access)
        lines.append(f"| `{name}` | {_named(access.roles)} | {permission} | {access.note} |")
    return "\n".join(lines) + "\n"


def _named(roles: frozenset[Role]) -> str:
    """The roles in their usual order, or in few words where nearly all are meant."""
    if roles == frozenset(Role):
        return "everyone"
    return ", ".join(role.value for role in Role if role in roles)


def _permission(access: Access) -> str:
    if access.permission_at_times is not None:
        return f"{access.permission_at_times.value}, at times"
    return "" if access.permission is None else access.permission.value
