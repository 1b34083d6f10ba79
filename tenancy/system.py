"""Principals of the service itself: jobs and the clock, named as such in the history."""

from tenancy.principal import Principal, Via


def job_principal(institution_code: str, name: str) -> Principal:
    """The principal of a job at one institution. It holds no role: it never comes in from
    outside, and calls the resolvers directly."""
    return Principal(
        subject=name,
        institution_code=institution_code,
        grants=(),
        roles_asserted=True,
        via=Via.JOB,
        issuer="portcullis",
        token_id=None,
        expires_at=None,
        user_id=None,
        label=name,
    )
