"""Where the processes of a part keep their counts, so that each of them can tell the sum of all.
Apart from `metrics`, since this must come before the library is loaded."""

import os
import shutil
import tempfile
from pathlib import Path

from service.settings import Settings

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""By this variable the library's processes find one another."""


def share_counts(settings: Settings, part: str) -> None:
    """Let the processes of a part add up. This must come before anything is counted, and is
    handed on to the processes that this one starts."""
    folder = settings.data / "metrics" / part
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        # A container may have no data folder; then the parts are told apart by their machines.
        folder = Path(tempfile.mkdtemp(prefix="portcullis-counts-")) / part
        folder.mkdir(mode=0o700)
    os.environ[VARIABLE] = str(folder)


def shared_folders() -> list[Path]:
    """Where the parts on this machine keep their counts; none where nothing is shared."""
    own = os.environ.get(VARIABLE)
    if own is None:
        return []
    return sorted(folder for folder in Path(own).parent.iterdir() if folder.is_dir())


def are_shared() -> bool:
    """Whether this process shares its counts with others."""
    return VARIABLE in os.environ
