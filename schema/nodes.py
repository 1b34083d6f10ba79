"""Records with a life of their own, and pages of them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import orjson
import strawberry

from rules.pages import Page
from schema.fields import computed
from schema.masking import PublicError

MOST_PER_PAGE = 100


@strawberry.interface(description="A record that can be found again by its id.")
class Node:
    id: strawberry.ID = strawberry.field(description="The opaque id of the record.")


T = TypeVar("T")
S = TypeVar("S")


@strawberry.type(description="Where a page ends, and whether more follows.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more records follow.")
    end_cursor: str | None = strawberry.field(
        description="Where to go on: the `after` of the next page."
    )


@strawberry.type(description="A record of a page, with its cursor.")
class Edge(Generic[T]):
    node: T = strawberry.field(description="The record.")
    cursor: str = strawberry.field(description="The place of the record in the list.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    keys: strawberry.Private[Sequence[tuple[str, ...]]]
    has_more: strawberry.Private[bool]
    nodes: list[T] = strawberry.field(description="The records alone.")

    @computed("The records with their cursors.")
    def edges(self) -> list[Edge[T]]:
        places = zip(self.nodes, self.keys, strict=True)
        return [Edge(node=node, cursor=cursor_of(keys)) for node, keys in places]

    @computed("Where the page ends.")
    def page_info(self) -> PageInfo:
        end = cursor_of(self.keys[-1]) if self.keys else None
        return PageInfo(has_next_page=self.has_more, end_cursor=end)


def connection(page: Page[S], make: Callable[[S], T]) -> Connection[T]:
    """A page of values as a page of GraphQL records."""
    return Connection(
        keys=page.keys, has_more=page.has_more, nodes=[make(item) for item in page.items]
    )


def page_of_list(
    items: Sequence[S], first: int, after: str | None, key: Callable[[S], str]
) -> Page[S]:
    """A page of a list that was read whole: what follows the record of the cursor's key."""
    start = 0
    keys = keys_of(after, str)
    if keys is not None:
        start = next((n + 1 for n, item in enumerate(items) if key(item) == keys[0]), len(items))
    shown = items[start : start + first]
    return Page(shown, [(key(item),) for item in shown], has_more=len(items) > start + first)


def cursor_of(keys: tuple[str, ...]) -> str:
    """The opaque cursor of a record's place."""
    return urlsafe_b64encode(orjson.dumps(list(keys))).decode("ascii")


def keys_of(cursor: str | None, *kinds: Callable[[str], object]) -> tuple[str, ...] | None:
    """The keys in a cursor, one for each of `kinds`, which reads the key in its place and raises
    ValueError for what is none of its kind. A cursor that we did not make is refused."""
    if cursor is None:
        return None
    try:
        keys = orjson.loads(urlsafe_b64decode(cursor.encode("ascii")))
        if _are_keys(keys, len(kinds)):
            for kind, key in zip(kinds, keys, strict=True):
                kind(key)
            return tuple(keys)
    except (ValueError, OverflowError):
        pass
    raise PublicError("INVALID_CURSOR", "`after` is not a cursor of this list.")


def _are_keys(keys: object, count: int) -> bool:
    return (
        isinstance(keys, list)
        and len(keys) == count
        and all(isinstance(key, str) and len(key) <= 1000 and "\x00" not in key for key in keys)
    )


def page_size(first: int) -> int:
    """`first`, checked: from 1 to 100."""
    if not 1 <= first <= MOST_PER_PAGE:
        raise PublicError("INVALID_PAGE", f"`first` is a number from 1 to {MOST_PER_PAGE}.")
    return first
