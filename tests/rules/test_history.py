"""The history: which fields a change touched."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.history import FieldChange, field_changes

records = st.dictionaries(
    st.sampled_from("abcd"), st.none() | st.booleans() | st.integers(0, 2) | st.text(max_size=2)
)


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        (None, None, []),
        (None, {"code": "A", "note": None}, [("code", None, "A")]),
        ({"code": "A"}, None, [("code", "A", None)]),
        ({"code": "A", "text": "x"}, {"code": "A", "text": "y"}, [("text", "x", "y")]),
        ({"b": 1, "a": 1}, {"a": 2, "b": 2}, [("a", 1, 2), ("b", 1, 2)]),
        ({"is_default": 1}, {"is_default": True}, [("is_default", 1, True)]),
    ],
)
def test_only_the_fields_that_differ_are_changes(
    before: Mapping[str, object] | None,
    after: Mapping[str, object] | None,
    changes: list[tuple[str, object, object]],
) -> None:
    assert field_changes(before, after) == tuple(
        FieldChange(field=field, before=old, after=new) for field, old, new in changes
    )


@given(records)
def test_nothing_has_changed_between_a_record_and_itself(record: Mapping[str, object]) -> None:
    assert field_changes(record, dict(record)) == ()


@given(records, records)
def test_a_change_backwards_names_the_same_fields(
    one: Mapping[str, object], other: Mapping[str, object]
) -> None:
    there, back = field_changes(one, other), field_changes(other, one)
    assert [(c.field, c.before, c.after) for c in there] == [
        (c.field, c.after, c.before) for c in back
    ]
