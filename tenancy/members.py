"""The members of the network, for what must go round them all."""

from collections.abc import Sequence

from rules.institutions import Institution
from storage import institutions
from tenancy.scopes import NetworkScope


def members_of_network(scope: NetworkScope) -> Sequence[Institution]:
    """Every institution, by code."""
    return institutions.members(scope.db)
