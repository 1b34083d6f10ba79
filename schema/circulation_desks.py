"""Libraries and circulation desks as clients see them."""

import strawberry

from rules.institutions import CirculationDesk as DeskValue
from schema.fields import field
from schema.ids import encoded
from schema.nodes import Node


@strawberry.type(description="A desk of a library, where staff meet patrons.")
class CirculationDesk(Node):
    code: str = field("The code of the desk.")
    name: str = field("The name of the desk.")
    library_code: str = field("The code of the library to which the desk belongs.")

    @classmethod
    def of(cls, value: DeskValue) -> "CirculationDesk":
        return cls(
            id=encoded("c", value.id),
            code=value.code,
            name=value.name,
            library_code=value.library_code,
        )
