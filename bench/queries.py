"""The two hot queries that are measured, and the very statements behind them."""

from collections.abc import Callable, Sequence

from psycopg.rows import TupleRow

from rules.users import UserFilter, UserPart
from storage import users
from storage.handles import ReadDb
from storage.statements import Statement

USER = """
query User($identifier: String!) {
  user(identifier: $identifier) {
    id primaryId firstName lastName status expiresOn
    userGroup { code name }
    blocks(inForce: true) {
      nodes {
        id status expiresAt staffNote patronText origin createdBy createdAt version
        description { code text }
        definition {
          rowId blockType overridable isNetworkBlock
          blockedAction { code actions }
        }
      }
    }
    gate { action verdict reasons { code overridable until } }
  }
}
"""

USERS = """
query Users {
  users(first: 50, hasBlocks: true) {
    nodes {
      id primaryId firstName lastName
      blocks { nodes { id status expiresAt createdAt description { code text } } }
    }
  }
}
"""

USER_PARTS = frozenset({UserPart.BLOCKS, UserPart.ACCOUNT_BLOCK, UserPart.PREFERENCES})
USERS_PARTS = frozenset({UserPart.BLOCKS})


class _Recorder(ReadDb):
    """A handle that remembers the one statement it is asked to run, and runs nothing."""

    def __init__(self) -> None:
        self.recorded: tuple[Statement, dict[str, object]] | None = None

    def rows(self, statement: Statement, **values: object) -> Sequence[TupleRow]:
        self.recorded = statement, values
        return ()


def user_statement() -> tuple[Statement, dict[str, object]]:
    """What query (a) runs; `key` and `value` are the identifier."""
    return _recorded(lambda db: users.users_by_identifier(db, "x", USER_PARTS))


def users_statement() -> tuple[Statement, dict[str, object]]:
    """What query (b) runs."""
    return _recorded(
        lambda db: users.users_page(
            db, UserFilter(has_blocks=True), first=50, after=None, parts=USERS_PARTS
        )
    )


def _recorded(question: Callable[[ReadDb], object]) -> tuple[Statement, dict[str, object]]:
    recorder = _Recorder()
    question(recorder)
    assert recorder.recorded is not None
    return recorder.recorded
