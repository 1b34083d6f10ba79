"""What a proven token says counts only in the agreed form, and as far as its issuer may say it."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.roles import Role, RoleGrant
from tenancy.principal import SignInCode, SignInRefused
from tests.tenancy.forged_tokens import (
    ASHFORD_URL,
    CLAIMS,
    CONSORTIUM_URL,
    EC,
    HEADER,
    NETWORK_URL,
    NOW,
    OTHER_EC,
    RECORDS_URL,
    SECOND,
    Json,
    refusal,
    saying,
    sign,
    token,
    verifier,
    verify,
)


def claim_sentence(name: str) -> str:
    return f"The claim {name} of the bearer token is missing or malformed."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("exp", None),
        ("exp", "tomorrow"),
        ("exp", True),
        ("exp", -1),
        ("exp", 10**18),
        ("exp", 10**400),
        ("nbf", "now"),
        ("iat", []),
        ("sub", None),
        ("sub", ""),
        ("sub", 7),
        ("sub", " m.okafor"),
        ("sub", "s" * 256),
        ("sub", "m.okafor\n"),
        ("sub", "m.okafor\0"),
        ("sub", "m.\u202eokafor"),
        ("sub", "half\ud800"),
        ("jti", "a\tb"),
        ("preferred_username", {}),
        ("institution", ["ASHFORD"]),
        ("cnf", {"jkt": "thumbprint"}),
    ],
)
def test_a_missing_or_malformed_claim_is_named(name: str, value: object) -> None:
    refused = refusal(saying({name: value}))
    assert (refused.code, refused.sentence) == (SignInCode.CLAIM_MALFORMED, claim_sentence(name))


@pytest.mark.parametrize("audience", [None, "", "portcullis2", ["a", "b"], [["portcullis"]], {}])
def test_a_token_for_another_service_is_refused(audience: object) -> None:
    assert refusal(token(aud=audience)).code is SignInCode.AUDIENCE_WRONG


@pytest.mark.parametrize(
    ("claim", "offset", "leeway", "code"),
    [
        ("exp", 0, 0, SignInCode.TOKEN_EXPIRED),
        ("exp", -1, 0, SignInCode.TOKEN_EXPIRED),
        ("exp", 0.5, 0, None),
        ("exp", -29, 30, None),
        ("exp", -30, 30, SignInCode.TOKEN_EXPIRED),
        ("nbf", 0, 0, None),
        ("nbf", 1, 0, SignInCode.TOKEN_NOT_YET_VALID),
        ("nbf", 30, 30, None),
        ("nbf", 31, 30, SignInCode.TOKEN_NOT_YET_VALID),
        ("iat", 30, 30, None),
        ("iat", 31, 30, SignInCode.TOKEN_NOT_YET_VALID),
    ],
)
def test_a_token_counts_from_its_first_instant_until_its_last(
    claim: str, offset: float, leeway: int, code: SignInCode | None
) -> None:
    text = saying({claim: SECOND + offset})
    try:
        verifier(leeway_seconds=leeway).verify(text, NOW)
    except SignInRefused as refused:
        assert refused.code is code
    else:
        assert code is None


@pytest.mark.parametrize(
    ("issuer", "claim", "chosen", "outcome"),
    [
        (ASHFORD_URL, None, None, "ASHFORD"),
        (ASHFORD_URL, "ASHFORD", "ASHFORD", "ASHFORD"),
        (ASHFORD_URL, "BIRCHWOOD", None, SignInCode.INSTITUTION_NOT_YOURS),
        (ASHFORD_URL, None, "BIRCHWOOD", SignInCode.INSTITUTION_NOT_YOURS),
        (ASHFORD_URL, None, "NEVER_HEARD_OF", SignInCode.INSTITUTION_NOT_YOURS),
        (ASHFORD_URL, None, "ashford", SignInCode.INSTITUTION_NOT_YOURS),
        (ASHFORD_URL, None, "", SignInCode.INSTITUTION_NOT_YOURS),
        (CONSORTIUM_URL, None, None, SignInCode.INSTITUTION_MISSING),
        (CONSORTIUM_URL, None, "CEDAR", "CEDAR"),
        (CONSORTIUM_URL, "BIRCHWOOD", None, "BIRCHWOOD"),
        (CONSORTIUM_URL, "BIRCHWOOD", "CEDAR", SignInCode.INSTITUTION_NOT_YOURS),
        (CONSORTIUM_URL, None, "ASHFORD", SignInCode.INSTITUTION_NOT_YOURS),
        (NETWORK_URL, None, None, None),
        (NETWORK_URL, "ASHFORD", None, SignInCode.INSTITUTION_NOT_YOURS),
        (NETWORK_URL, None, "ASHFORD", SignInCode.INSTITUTION_NOT_YOURS),
    ],
)
def test_the_issuer_decides_the_institution_and_a_claim_or_header_only_chooses(
    issuer: str, claim: str | None, chosen: str | None, outcome: str | SignInCode | None
) -> None:
    is_network = issuer == NETWORK_URL
    roles = ["NETWORK_ADMINISTRATOR"] if is_network else ["AUDITOR"]
    is_consortium = issuer == CONSORTIUM_URL
    key, kid = (OTHER_EC, "other") if is_consortium else (EC, "ec")
    text = token(key, {"kid": kid}, iss=issuer, institution=claim, roles=roles)
    if isinstance(outcome, SignInCode):
        assert refusal(text, chosen).code is outcome
    else:
        assert verify(text, chosen).institution_code == outcome


def test_a_network_principal_is_a_network_administrator_and_nobodys_user() -> None:
    principal = verify(token(iss=NETWORK_URL, roles=["NETWORK_ADMINISTRATOR"]))
    assert (principal.is_network(NOW), principal.user_id) == (True, None)
    assert principal.roles(NOW) == {Role.NETWORK_ADMINISTRATOR}


def test_an_institutions_principal_is_never_the_networks() -> None:
    assert verify(token()).is_network(NOW) is False


def test_roles_may_have_a_library_and_an_end() -> None:
    roles = [
        "AUDITOR",
        {"role": "CIRCULATION_DESK_MANAGER", "library": "MAIN", "expires": SECOND + 60},
        {"role": "USER_MANAGER", "library": None, "expires": None},
    ]
    principal = verify(token(roles=roles))
    assert principal.grants == (
        RoleGrant(role=Role.AUDITOR),
        RoleGrant(
            role=Role.CIRCULATION_DESK_MANAGER,
            library_code="MAIN",
            expires_at=NOW + timedelta(seconds=60),
        ),
        RoleGrant(role=Role.USER_MANAGER),
    )
    assert principal.roles(NOW + timedelta(seconds=60)) == {Role.AUDITOR, Role.USER_MANAGER}


@pytest.mark.parametrize(
    ("roles", "code"),
    [
        (None, SignInCode.ROLES_MALFORMED),
        ([], SignInCode.ROLES_MALFORMED),
        ("AUDITOR", SignInCode.ROLES_MALFORMED),
        ([7], SignInCode.ROLES_MALFORMED),
        ([["AUDITOR"]], SignInCode.ROLES_MALFORMED),
        (["AUDITOR"] * 101, SignInCode.ROLES_MALFORMED),
        ([{}], SignInCode.ROLES_MALFORMED),
        ([{"role": ["AUDITOR"]}], SignInCode.ROLES_MALFORMED),
        ([{"role": "AUDITOR", "scope": "all"}], SignInCode.ROLES_MALFORMED),
        ([{"role": "AUDITOR", "library": 7}], SignInCode.ROLES_MALFORMED),
        ([{"role": "AUDITOR", "library": ""}], SignInCode.ROLES_MALFORMED),
        ([{"role": "AUDITOR", "expires": "2027-01-01"}], SignInCode.ROLES_MALFORMED),
        ([{"role": "AUDITOR", "expires": False}], SignInCode.ROLES_MALFORMED),
        (["AUDITOR", "auditor"], SignInCode.ROLE_UNKNOWN),
        (["AUDITOR", "NETWORK_ADMINISTRATOR"], SignInCode.ROLE_NOT_ALLOWED),
    ],
)
def test_roles_in_any_other_form_are_refused_whole(roles: object, code: SignInCode) -> None:
    assert refusal(token(roles=roles)).code is code


def test_an_unknown_role_is_named() -> None:
    assert refusal(token(roles=["LIBRARIAN"])).sentence == (
        "The bearer token names a role that does not exist: LIBRARIAN."
    )


@pytest.mark.parametrize(
    "roles",
    [
        ["GENERAL_SYSTEM_ADMINISTRATOR"],
        ["NETWORK_ADMINISTRATOR", "AUDITOR"],
        [{"role": "NETWORK_ADMINISTRATOR", "library": "MAIN"}],
    ],
)
def test_the_network_issuer_gives_no_role_at_an_institution(roles: list[object]) -> None:
    assert refusal(token(iss=NETWORK_URL, roles=roles)).code is SignInCode.ROLE_NOT_ALLOWED


def test_an_issuer_whose_roles_are_in_the_records_cannot_assert_any() -> None:
    text = token(iss=RECORDS_URL, employee_number="E-1042", roles=["GENERAL_SYSTEM_ADMINISTRATOR"])
    principal = verify(text)
    assert (principal.grants, principal.roles_asserted) == ((), False)
    assert (principal.subject, principal.label, principal.user_id) == ("E-1042", "E-1042", None)


def test_the_claim_that_says_who_it_is_must_be_there() -> None:
    assert refusal(token(iss=RECORDS_URL)).sentence == claim_sentence("employee_number")


CHECKED = verifier()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(
    header=st.dictionaries(st.sampled_from(["alg", "typ", "kid", "crit", "b64", "x"]), VALUES),
    claims=st.dictionaries(st.sampled_from([*CLAIMS, "institution", "cnf"]), VALUES),
)
def test_whatever_a_signed_token_says_it_is_answered_or_refused(header: Json, claims: Json) -> None:
    try:
        principal = CHECKED.verify(sign(HEADER | header, CLAIMS | claims), NOW)
    except SignInRefused:
        return
    assert principal.institution_code == "ASHFORD"
