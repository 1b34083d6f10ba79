"""Key sets as real providers serve them, over a real connection: fetched rarely, kept when the
provider is away, and never trusted with more than they may be."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from joserfc.jwk import ECKey

from tenancy.issuers import Algorithm, Issuer
from tenancy.jwks import (
    KeySetRefusedError,
    KeySource,
    KeysUnavailableError,
    KeyTiming,
    fetch_document,
)

Json = dict[str, object]
EC = ECKey.generate_key("P-256")
OTHER_EC = ECKey.generate_key("P-256")


def public(key: ECKey, kid: str, **members: object) -> Json:
    return {**key.as_dict(private=False), "kid": kid, **members}


@dataclass
class Provider:
    """A provider whose answer the test sets; it counts how often it is asked."""

    url: str = ""
    keys: list[object] = field(default_factory=list)
    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    asked: int = 0
    may_answer: threading.Event = field(default_factory=threading.Event)

    def issuer(self) -> Issuer:
        return Issuer(
            url="https://login.ashford.example",
            audience="portcullis",
            algorithms=frozenset({Algorithm.ES256}),
            jwks_url=self.url,
            institution_codes=frozenset({"ASHFORD"}),
        )


@pytest.fixture
def provider() -> Iterator[Provider]:
    served = Provider()
    served.may_answer.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked += 1
            served.may_answer.wait(20)
            body = served.body or json.dumps({"keys": served.keys}).encode()
            self.send_response(served.status)
            for name, value in {"content-length": str(len(body)), **served.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """The test speaks for itself."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_address[1]}/keys"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    served.may_answer.set()
    server.shutdown()
    server.server_close()
    thread.join()


class Clock:
    """Seconds that pass only when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def source(clock: Clock, **timing: float) -> KeySource:
    # The one who waits has time enough on a busy machine.
    return KeySource(clock=clock, timing=KeyTiming(**{"wait_seconds": 20, **timing}))


def kids(keys: KeySource, issuer: Issuer, *names: str) -> list[bool]:
    return [keys.find(issuer, name) is not None for name in names]


def eventually_finds(keys: KeySource, issuer: Issuer, kid: str) -> None:
    for _ in range(2000):
        with contextlib.suppress(KeysUnavailableError):
            if keys.find(issuer, kid) is not None:
                return
        time.sleep(0.01)
    pytest.fail(f"{kid} was never fetched")


def test_the_first_question_fetches_and_the_next_ones_do_not(provider: Provider) -> None:
    provider.keys = [public(EC, "a")]
    keys = source(Clock())
    found = keys.find(provider.issuer(), "a")
    assert found is not None
    assert (found.key.thumbprint(), found.algorithms) == (
        EC.thumbprint(),
        frozenset({Algorithm.ES256}),
    )
    assert kids(keys, provider.issuer(), "a", "a") == [True, True]
    assert provider.asked == 1


def test_an_unknown_key_is_asked_for_once_a_minute_whoever_asks(provider: Provider) -> None:
    provider.keys = [public(EC, "a")]
    clock, issuer = Clock(), provider.issuer()
    keys = source(clock)
    assert kids(keys, issuer, "a", "b", "c", "d") == [True, False, False, False]
    provider.keys.append(public(OTHER_EC, "b"))
    clock.now += 59
    assert kids(keys, issuer, "b") == [False]
    assert provider.asked == 1
    clock.now += 1
    assert kids(keys, issuer, "b", "e", "f") == [True, False, False]
    assert provider.asked == 2


def test_a_removed_key_goes_with_the_next_refresh(provider: Provider) -> None:
    provider.keys = [public(EC, "a"), public(OTHER_EC, "b")]
    clock, issuer = Clock(), provider.issuer()
    keys = source(clock)
    assert kids(keys, issuer, "a", "b") == [True, True]
    provider.keys.pop()
    clock.now += 600
    assert kids(keys, issuer, "b") == [False]
    assert kids(keys, issuer, "a") == [True]


def test_a_set_emptied_by_its_provider_is_empty(provider: Provider) -> None:
    provider.keys = [public(EC, "a")]
    clock, issuer = Clock(), provider.issuer()
    keys = source(clock)
    assert kids(keys, issuer, "a") == [True]
    provider.keys.clear()
    clock.now += 600
    assert kids(keys, issuer, "a") == [False]


def test_an_old_set_is_refreshed_behind_the_scenes(provider: Provider) -> None:
    provider.keys = [public(EC, "a")]
    clock, issuer = Clock(), provider.issuer()
    keys = source(clock)
    assert kids(keys, issuer, "a") == [True]
    provider.may_answer.clear()
    clock.now += 300
    provider.keys = [public(OTHER_EC, "b")]
    assert kids(keys, issuer, "a") == [True]  # answered while the provider still keeps us waiting
    provider.may_answer.set()
    eventually_finds(keys, issuer, "b")
    assert kids(keys, issuer, "a") == [False]
    assert provider.asked == 2


def test_keys_serve_for_a_day_while_the_provider_is_away(provider: Provider) -> None:
    provider.keys = [public(EC, "a")]
    clock, issuer = Clock(), provider.issuer()
    keys = source(clock)
    assert kids(keys, issuer, "a") == [True]
    provider.status = 503
    clock.now += 86_399
    assert kids(keys, issuer, "a", "b") == [True, False]
    clock.now += 1
    with pytest.raises(KeysUnavailableError):
        keys.find(issuer, "a")
    provider.status = 200
    clock.now += 60
    assert kids(keys, issuer, "a") == [True]


def test_a_provider_that_never_answered_makes_its_keys_unavailable(provider: Provider) -> None:
    provider.status = 500
    clock, issuer = Clock(), provider.issuer()
    keys = source(clock)
    for _ in range(3):
        with pytest.raises(KeysUnavailableError):
            keys.find(issuer, "a")
    assert provider.asked == 1


def test_only_the_one_who_set_off_the_fetch_waits_for_it(provider: Provider) -> None:
    provider.keys = [public(EC, "a")]
    provider.may_answer.clear()
    keys = source(Clock())
    keys.prefetch([provider.issuer()])
    with pytest.raises(KeysUnavailableError):
        keys.find(provider.issuer(), "a")


def test_the_one_who_waits_does_not_wait_for_ever(provider: Provider) -> None:
    provider.may_answer.clear()
    with pytest.raises(KeysUnavailableError):
        source(Clock(), wait_seconds=0.01).find(provider.issuer(), "a")


def test_prefetching_is_one_fetch_for_all_issuers_of_a_provider(provider: Provider) -> None:
    provider.keys = [public(EC, "a")]
    keys = source(Clock())
    keys.prefetch([provider.issuer(), provider.issuer()])
    keys.prefetch([provider.issuer()])
    eventually_finds(keys, provider.issuer(), "a")
    assert provider.asked == 1


def test_the_generation_moves_when_a_set_changes_and_only_then(provider: Provider) -> None:
    provider.keys = [public(EC, "a")]
    clock, issuer = Clock(), provider.issuer()
    keys = source(clock)
    assert kids(keys, issuer, "a") == [True]
    first = keys.generation
    clock.now += 60
    assert kids(keys, issuer, "b") == [False]
    assert (keys.generation, provider.asked) == (first, 2)
    provider.keys = [public(OTHER_EC, "a")]
    clock.now += 60
    assert kids(keys, issuer, "b") == [False]
    assert keys.generation == first + 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"status": 404}, "status 404"),
        ({"status": 302, "headers": {"location": "/keys"}}, "status 302"),
        ({"body": b"<html>"}, "not JSON"),
        ({"body": b"\xff\xfe"}, "not JSON"),
        ({"body": b"[" * 100_000}, "not JSON"),
        ({"body": b" " * (256 * 1024 + 1)}, "too large"),
        ({"headers": {"content-encoding": "gzip"}}, "compressed"),
    ],
)
def test_an_answer_that_is_no_plain_small_document_is_refused(
    provider: Provider, answer: dict[str, object], reason: str
) -> None:
    for name, value in answer.items():
        setattr(provider, name, value)
    with pytest.raises(KeySetRefusedError, match=reason):
        fetch_document(provider.url, 10)
    assert provider.asked == 1


def test_an_answer_that_only_trickles_is_given_up(provider: Provider) -> None:
    with pytest.raises(KeySetRefusedError, match="too slow"):
        fetch_document(provider.url, -1)


def test_an_answer_of_exactly_the_bound_is_read(provider: Provider) -> None:
    provider.body = b'{"keys":[]}'.ljust(256 * 1024)
    assert fetch_document(provider.url, 10) == {"keys": []}
