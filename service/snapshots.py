"""Files that are generated and checked in, so that their difference can be read in a review."""

from service.child_processes import TOP
from service.server_checks import StartRefused


def write_snapshot(name: str, text: str, *, check: bool) -> None:
    """Writes the file below the checkout's top; `check` only compares, and refuses a difference."""
    path = TOP / name
    if check:
        if not path.exists() or path.read_text() != text:
            raise StartRefused(f"The file {name} is not what the code says now: run `make schema`.")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
