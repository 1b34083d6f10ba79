"""The rate limit, shared by instances that know of one another only through the database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest

from service.rates import RateLimiter
from tenancy.principal import Principal
from tenancy.scopes import Pool
from tests.cast import MAX, OLIVE, OSCAR
from tests.database_server import Database
from tests.scopes import principal_of


@dataclass(slots=True)
class Wall:
    """A clock on the wall, in seconds."""

    seconds: float

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def wall(database: Database) -> Wall:
    with database.owner() as connection:
        connection.execute("TRUNCATE machinery.request_rate")
    return Wall(1_000_000 * 60 + 12.0)


@pytest.fixture
def limiter(app_pool: Pool, wall: Wall) -> Callable[[int], RateLimiter]:
    return lambda limit: RateLimiter(app_pool, limit, clock=wall)


def granted(limiter: RateLimiter, principal: Principal, tries: int) -> int:
    return sum(not limiter.charge(principal).exceeded for _ in range(tries))


def test_the_limit_holds_exactly_over_two_instances(
    limiter: Callable[[int], RateLimiter],
) -> None:
    olive = principal_of(OLIVE)
    instances = [limiter(100), limiter(100)]
    taken = 0
    for n in range(300):
        taken += granted(instances[n % 2], olive, 1)
    assert taken == 100


def test_threads_of_two_instances_never_exceed_the_limit_in_sum(
    limiter: Callable[[int], RateLimiter],
) -> None:
    olive = principal_of(OLIVE)
    instances = [limiter(1000), limiter(1000)]
    with ThreadPoolExecutor(4) as threads:
        counts = threads.map(lambda n: granted(instances[n % 2], olive, 600), range(4))
    assert sum(counts) == 1000


def test_an_operation_beyond_the_limit_says_when_to_come_back(
    limiter: Callable[[int], RateLimiter],
) -> None:
    one = limiter(2)
    olive = principal_of(OLIVE)
    assert [one.charge(olive).remaining for _ in range(2)] == [1, 0]
    over = one.charge(olive)
    assert (over.exceeded, over.remaining, over.resets_in_seconds) == (True, 0, 48)


def test_the_next_minute_begins_anew(limiter: Callable[[int], RateLimiter], wall: Wall) -> None:
    one = limiter(3)
    olive = principal_of(OLIVE)
    assert granted(one, olive, 5) == 3
    wall.seconds += 60
    assert granted(one, olive, 5) == 3


def test_principals_do_not_count_for_one_another(limiter: Callable[[int], RateLimiter]) -> None:
    one = limiter(2)
    olive = principal_of(OLIVE)
    elsewhere = replace(olive, institution_code=OSCAR.institution_code)
    people = [olive, principal_of(MAX), elsewhere]
    assert [granted(one, person, 3) for person in people] == [2, 2, 2]


def test_most_operations_ask_nothing_of_the_database(
    limiter: Callable[[int], RateLimiter], database: Database
) -> None:
    one = limiter(6000)
    granted(one, principal_of(OLIVE), 300)
    with database.owner() as connection:
        rows = connection.execute("SELECT taken FROM machinery.request_rate").fetchall()
    assert rows == [(300,)]


def test_minutes_that_are_over_are_deleted_now_and_then(
    limiter: Callable[[int], RateLimiter], wall: Wall, database: Database
) -> None:
    one = limiter(10)
    one.charge(principal_of(OLIVE))
    wall.seconds += 11 * 60
    one.charge(principal_of(OLIVE))
    with database.owner() as connection:
        count = connection.execute("SELECT count(*) FROM machinery.request_rate").fetchall()
    assert count == [(1,)]


def test_the_shared_count_does_not_say_who_asks(
    limiter: Callable[[int], RateLimiter], database: Database
) -> None:
    limiter(10).charge(principal_of(OLIVE))
    with database.owner() as connection:
        shown = connection.execute("SELECT principal_hash FROM machinery.request_rate").fetchall()
    assert len(shown[0][0]) == 32 and b"olive" not in shown[0][0]


def test_whoever_counts_is_told_of_each_operation_beyond(app_pool: Pool, wall: Wall) -> None:
    beyond: list[None] = []
    one = RateLimiter(app_pool, 1, exceeded=lambda: beyond.append(None), clock=wall)
    granted(one, principal_of(MAX), 4)
    assert len(beyond) == 3
