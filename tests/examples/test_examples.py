"""Runs the worked examples of any file of the form of blocks.json: the one beside this file, or
the one that the environment variable PORTCULLIS_EXAMPLES names."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.examples.cases import Case, Json, Runner, mapping
from tests.examples.gate_cases import blocked_actions, override_matrix
from tests.examples.removal_cases import removal

VARIABLE = "PORTCULLIS_EXAMPLES"
OWN_FILE = Path(__file__).parent / "blocks.json"

RUNNERS: Mapping[str, Runner] = {
    "override_matrix": override_matrix,
    "blocked_actions": blocked_actions,
    "removal": removal,
}
"""A group of examples is run by the function that stands here under its name."""

NO_EXAMPLES = frozenset({"about", "version", "readings", "conventions"})
"""What a file says about itself."""

NOT_BUILT_YET = frozenset(
    {
        "block_expiry",
        "demerit_rows",
        "demerit_suspension",
        "linked_block_copy",
        "linked_account_rules",
        "patron_limits",
        "loan_states",
        "import_segments",
        "purge_delete_block",
        "anonymization",
        "invariants",
    }
)
"""Groups of parts that come later; each leaves this list with the part it belongs to."""


def read_examples() -> Mapping[str, Json]:
    path = Path(os.environ.get(VARIABLE) or OWN_FILE)
    content: Mapping[str, Json] = mapping(json.loads(path.read_text(encoding="utf-8")))
    return {name: group for name, group in content.items() if name not in NO_EXAMPLES}


EXAMPLES = read_examples()


def cases() -> Iterator[Case]:
    for name, group in EXAMPLES.items():
        if name in RUNNERS:
            yield from RUNNERS[name](group)


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.id)
def test_an_example_comes_out_as_written(case: Case) -> None:
    if case.answer is None:
        pytest.skip("belongs to a part that is not built yet")
    answer = case.answer()
    assert {key: answer[key] for key in case.expected} == case.expected


def test_every_group_of_examples_has_a_runner_or_is_known_to_come_later(
    capsys: pytest.CaptureFixture[str],
) -> None:
    without = [name for name in EXAMPLES if name not in RUNNERS]
    later = [name for name in without if name in NOT_BUILT_YET]
    if later:
        with capsys.disabled():
            print(f"\nexamples of later parts, not run: {', '.join(later)}")
    assert [name for name in without if name not in later] == []


def test_a_group_is_never_both_run_and_put_off() -> None:
    assert not NOT_BUILT_YET & RUNNERS.keys()
