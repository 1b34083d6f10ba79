"""Questions and commands about the block definitions of the institution."""

from collections.abc import Sequence

from rules.block_tables import BlockDefinition
from storage import block_definitions
from tenancy.scopes import InstitutionScope


def definitions(scope: InstitutionScope) -> Sequence[BlockDefinition]:
    """Every definition, in the order of the descriptions."""
    return block_definitions.definitions(scope.db)
