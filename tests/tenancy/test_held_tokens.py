"""A proven token is held for a minute, and never longer than it is good for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tenancy.bearer_tokens import Verifier
from tenancy.issuers import Issuer
from tenancy.jwks import KeySource
from tenancy.principal import SignInCode, SignInRefused
from tests.tenancy.forged_tokens import (
    ASHFORD,
    CONSORTIUM_URL,
    GOOD,
    NOW,
    OTHER_EC,
    SECOND,
    public_keys,
    token,
    verifier,
)


class Changing:
    """Issuers whose records change under the verifier, counting how often they are asked."""

    def __init__(self, issuer: Issuer | None) -> None:
        self.issuer = issuer
        self.asked = 0

    def __call__(self, url: str) -> Issuer | None:
        self.asked += 1
        return self.issuer


def test_a_proven_token_is_not_proven_again_for_a_minute() -> None:
    issuers = Changing(ASHFORD)
    checked = Verifier(issuers, KeySource())
    for seconds in (0, 1, 59):
        checked.verify(GOOD, NOW + timedelta(seconds=seconds))
    assert issuers.asked == 1
    checked.verify(GOOD, NOW + timedelta(seconds=60))
    assert issuers.asked == 2


def test_a_held_token_ends_at_its_expiry() -> None:
    text = token(exp=SECOND + 10)
    checked = verifier(leeway_seconds=0)
    checked.verify(text, NOW)
    checked.verify(text, NOW + timedelta(seconds=9))
    with pytest.raises(SignInRefused) as caught:
        checked.verify(text, NOW + timedelta(seconds=10))
    assert caught.value.code is SignInCode.TOKEN_EXPIRED


def test_a_held_token_still_answers_for_the_chosen_institution_only() -> None:
    text = token(OTHER_EC, {"kid": "other"}, iss=CONSORTIUM_URL)
    checked = verifier()
    for code in ("CEDAR", "BIRCHWOOD", "CEDAR"):
        assert checked.verify(text, NOW, chosen_institution=code).institution_code == code
    with pytest.raises(SignInRefused):
        checked.verify(text, NOW)
    with pytest.raises(SignInRefused):
        checked.verify(text, NOW, chosen_institution="ASHFORD")


def test_after_forgetting_a_removed_issuer_is_unknown() -> None:
    issuers = Changing(ASHFORD)
    checked = Verifier(issuers, KeySource())
    checked.verify(GOOD, NOW)
    issuers.issuer = None
    checked.forget()
    with pytest.raises(SignInRefused) as caught:
        checked.verify(GOOD, NOW)
    assert caught.value.code is SignInCode.ISSUER_UNKNOWN


def test_a_changed_key_set_drops_every_held_token() -> None:
    keys = KeySource()
    issuers = Changing(ASHFORD)
    checked = Verifier(issuers, keys)
    checked.verify(GOOD, NOW)
    issuers.issuer = replace(ASHFORD, static_keys=public_keys(ec=OTHER_EC))
    checked.verify(GOOD, NOW)
    keys.find(issuers.issuer, "ec")
    with pytest.raises(SignInRefused) as caught:
        checked.verify(GOOD, NOW)
    assert caught.value.code is SignInCode.SIGNATURE_WRONG


def test_no_more_tokens_are_held_than_allowed() -> None:
    issuers = Changing(ASHFORD)
    keys = KeySource()
    keys.find(ASHFORD, "ec")
    checked = Verifier(issuers, keys, held_tokens=2)
    first, second, third = (token(jti=name) for name in "abc")
    for text in (first, second, third, third, second):
        checked.verify(text, NOW)
    assert issuers.asked == 3
    checked.verify(first, NOW)
    assert issuers.asked == 4


def test_what_is_forgotten_while_a_token_is_being_proven_is_not_held() -> None:
    def issuer_changed_meanwhile(_: str) -> Issuer:
        checked.forget()
        return ASHFORD

    checked = Verifier(issuer_changed_meanwhile, KeySource())
    checked.verify(GOOD, NOW)
    assert checked.held_principal(GOOD, NOW) is None


def test_a_held_principal_is_known_without_asking_anyone() -> None:
    issuers = Changing(ASHFORD)
    checked = Verifier(issuers, KeySource())
    assert checked.held_principal(GOOD, NOW) is None
    principal = checked.verify(GOOD, NOW)
    assert checked.held_principal(GOOD, NOW) == principal
    assert checked.held_principal(GOOD, NOW, chosen_institution="BIRCHWOOD") is None
    assert checked.held_principal(GOOD, NOW + timedelta(seconds=60)) is None
    assert checked.held_principal("é" * 9000, NOW) is None
    assert issuers.asked == 1
