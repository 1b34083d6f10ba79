"""Examples of what Users - Remove Blocks takes away."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from rules.specimens import BLOCK
from rules.user_blocks import Removal, UserBlock, removable
from tests.examples.cases import Case, Json, mapping, sequence, text

_ANSWERS = frozenset({"removed", "kept", "removed_first", "removed_second", "enforced", "blocked"})


def removal(group: Json) -> Iterator[Case]:
    for example in map(mapping, sequence(group)):
        expected = mapping(example["expected"])
        # renewing, marking lost and demerits end blocks too, but those parts come later
        is_ours = "event" not in example and expected.keys() <= _ANSWERS
        answer = partial(_runs, example) if is_ours else None
        yield Case(id=text(example["id"]), expected=expected, answer=answer)


def _runs(example: Mapping[str, Json]) -> Mapping[str, Json]:
    now = datetime.fromisoformat(text(example["now"]))
    names = [text(mapping(block)["id"]) for block in sequence(example["blocks"])]
    blocks = [
        _block(number, mapping(block)) for number, block in enumerate(sequence(example["blocks"]))
    ]
    first = [block.id for block in blocks if removable(block, now)]
    gone = Removal(removed_at=now, removed_by="job", reason="Expired")
    after = [replace(block, removal=gone) if block.id in first else block for block in blocks]
    second = [block.id for block in after if removable(block, now)]
    removed = [name for name, block in zip(names, blocks, strict=True) if block.id in first]
    in_force = [name for name, block in zip(names, blocks, strict=True) if block.is_in_force(now)]
    return {
        "enforced": in_force,
        "blocked": bool(in_force),
        "removed": removed,
        "kept": [name for name in names if name not in removed],
        "removed_first": removed,
        "removed_second": [
            name for name, block in zip(names, blocks, strict=True) if block.id in second
        ],
    }


def _block(number: int, block: Mapping[str, Json]) -> UserBlock:
    expiry = block.get("expiry_date")
    return replace(
        BLOCK,
        id=UUID(int=2000 + number),
        expires_at=None if expiry is None else datetime.fromisoformat(text(expiry)),
    )
