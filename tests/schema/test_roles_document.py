"""docs/roles.md says what the table of access says."""

from pathlib import Path

from rules.roles import Role
from schema.access import ACCESS, HTTP_ACCESS
from schema.roles_document import roles_document

TOP = Path(__file__).parent.parent.parent


def test_the_file_is_what_the_table_says_now() -> None:
    assert (TOP / "docs" / "roles.md").read_text() == roles_document(), "run `make schema`"


def test_every_field_and_every_role_is_in_it() -> None:
    text = roles_document()
    fields = [name.partition(".")[2] for name in ACCESS]
    assert [name for name in [*fields, *HTTP_ACCESS] if f"| `{name}` |" not in text] == []
    assert [role.value for role in Role if f"| {role.value} |" not in text] == []
