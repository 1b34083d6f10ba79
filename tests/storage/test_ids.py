"""Ids come in the order of their making, whatever the clock does."""

from collections.abc import Iterator
from threading import Thread
from uuid import UUID

from storage.ids import Ids, new_id


def test_an_id_is_a_uuid_of_version_7() -> None:
    made = new_id()
    assert (made.version, made.variant) == (7, "specified in RFC 4122")


def test_ids_of_one_millisecond_are_in_the_order_of_their_making() -> None:
    ids = Ids(lambda: 1_700_000_000_000, lambda: (1 << 74) - 1)
    made = [ids.new_id() for _ in range(1000)]
    assert made == sorted(made)
    assert len(set(made)) == 1000


def test_a_clock_that_is_set_back_does_not_turn_the_order() -> None:
    times: Iterator[int] = iter([1000, 2000, 500, 2000, 2001])
    ids = Ids(lambda: next(times), lambda: 7)
    made = [ids.new_id() for _ in range(5)]
    assert made == sorted(made)


def test_threads_never_get_the_same_id() -> None:
    made: list[UUID] = []
    ids = Ids(lambda: 1000, lambda: 7)

    def take() -> None:
        made.extend([ids.new_id() for _ in range(500)])

    threads = [Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 2000
