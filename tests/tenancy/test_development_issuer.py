"""Development tokens: one key for the installation, kept to its owner, the same way in."""

import json
import multiprocessing
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from joserfc.jwk import ECKey

from rules.roles import Role, RoleGrant
from tenancy.bearer_tokens import Verifier
from tenancy.development_issuer import (
    DevelopmentKeyError,
    DevelopmentToken,
    development_issuer,
    development_network_issuer,
    load_or_make_key,
    mint,
)
from tenancy.jwks import KeySource
from tenancy.principal import Principal, SignInCode, SignInRefused, Via

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
USER = UUID("0199a7c4-2f10-7c3a-9d51-3f8e2b6a7c01")
GRANTS = (
    RoleGrant(role=Role.AUDITOR),
    RoleGrant(role=Role.USER_MANAGER, library_code="MAIN", expires_at=NOW + timedelta(seconds=90)),
)
TOKEN = DevelopmentToken(
    subject=str(USER), institution_code="ASHFORD", grants=GRANTS, token_id="t-1", label="m.okafor"
)
NETWORK_TOKEN = DevelopmentToken(
    subject="network",
    institution_code=None,
    grants=(RoleGrant(role=Role.NETWORK_ADMINISTRATOR),),
    token_id="t-2",
)


def verify(key: ECKey, text: str, now: datetime = NOW) -> Principal:
    issuers = [
        development_issuer(key, frozenset({"ASHFORD", "BIRCHWOOD"})),
        development_network_issuer(key),
    ]
    by_url = {issuer.url: issuer for issuer in issuers}
    return Verifier(by_url.get, KeySource(), leeway_seconds=0).verify(text, now)


def test_a_development_token_goes_through_the_same_verifier(tmp_path: Path) -> None:
    key = load_or_make_key(tmp_path / "key.json")
    assert verify(key, mint(key, TOKEN, now=NOW, seconds=60)) == Principal(
        subject=str(USER),
        institution_code="ASHFORD",
        grants=GRANTS,
        roles_asserted=True,
        via=Via.JWT,
        issuer="https://development.portcullis.invalid",
        token_id="t-1",
        expires_at=NOW + timedelta(seconds=60),
        user_id=USER,
        label="m.okafor",
    )


def test_a_network_token_comes_from_the_networks_own_issuer(tmp_path: Path) -> None:
    key = load_or_make_key(tmp_path / "key.json")
    principal = verify(key, mint(key, NETWORK_TOKEN, now=NOW, seconds=60))
    assert (principal.is_network(NOW), principal.institution_code, principal.issuer) == (
        True,
        None,
        "https://network.development.portcullis.invalid",
    )


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (replace(TOKEN, institution_code="CEDAR"), SignInCode.INSTITUTION_NOT_YOURS),
        (replace(TOKEN, institution_code=None), SignInCode.ROLE_NOT_ALLOWED),
        (replace(NETWORK_TOKEN, institution_code="ASHFORD"), SignInCode.ROLE_NOT_ALLOWED),
    ],
)
def test_the_development_issuers_are_bound_like_any_other(
    tmp_path: Path, token: DevelopmentToken, code: SignInCode
) -> None:
    key = load_or_make_key(tmp_path / "key.json")
    with pytest.raises(SignInRefused) as caught:
        verify(key, mint(key, token, now=NOW, seconds=60))
    assert caught.value.code is code


def test_a_development_token_ends_after_its_seconds(tmp_path: Path) -> None:
    key = load_or_make_key(tmp_path / "key.json")
    text = mint(key, TOKEN, now=NOW, seconds=60)
    verify(key, text, NOW + timedelta(seconds=59))
    with pytest.raises(SignInRefused) as caught:
        verify(key, text, NOW + timedelta(seconds=60))
    assert caught.value.code is SignInCode.TOKEN_EXPIRED


def test_another_installations_token_is_not_believed(tmp_path: Path) -> None:
    ours, theirs = (load_or_make_key(tmp_path / name) for name in ("ours", "theirs"))
    with pytest.raises(SignInRefused) as caught:
        verify(ours, mint(theirs, TOKEN, now=NOW, seconds=60))
    assert caught.value.code is SignInCode.KEY_UNKNOWN


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "key.json"
    first = load_or_make_key(path)
    assert load_or_make_key(path).thumbprint() == first.thumbprint()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["key.json"]


def test_processes_that_start_at_once_have_the_same_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        thumbprints = pool.map(thumbprint_in, [tmp_path / "key.json"] * 12)
    assert len(set(thumbprints)) == 1


def thumbprint_in(path: Path) -> str:
    return load_or_make_key(path).thumbprint()


def test_the_issuer_shows_no_private_number(tmp_path: Path) -> None:
    key = load_or_make_key(tmp_path / "key.json")
    shown = development_issuer(key, frozenset({"ASHFORD"})).static_keys
    assert '"d"' not in json.dumps(shown)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    load_or_make_key(path)
    path.chmod(0o640)
    with pytest.raises(DevelopmentKeyError, match="can be read by others"):
        load_or_make_key(path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '"x"',
        "{}",
        "\u00e9",
        json.dumps(ECKey.generate_key("P-256").as_dict(private=False)),
        json.dumps(ECKey.generate_key("P-384").as_dict(private=True)),
    ],
    ids=["nothing", "list", "text", "empty", "no ASCII", "public", "other curve"],
)
def test_a_file_without_a_key_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key.json"
    path.write_text(text, "utf-8")
    path.chmod(0o600)
    with pytest.raises(DevelopmentKeyError, match="holds no development key"):
        load_or_make_key(path)
    assert path.read_text("utf-8") == text
