"""Small files that survive a power cut: the old content or the new one, never a mixture."""

import os
from contextlib import suppress
from pathlib import Path

from daemon.errors import StoreFault

PRIVATE = 0o600
"""Read and written by the owner alone: keys."""


def write_durably(path: Path, content: bytes, *, mode: int = PRIVATE) -> None:
    """Replace `path` by a file of `content`; on disk when this returns.

    One writer per path. Raises StoreFault; the old file then still stands.
    """
    draft = path.with_name(f".{path.name}.new")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            # The umask, or a draft that a crash left behind, may have given another mode.
            os.fchmod(descriptor, mode)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        draft.replace(path)
        sync_directory(path.parent)
    except OSError as failure:
        # On a full disk what was half written would take the room that the next attempt needs.
        with suppress(OSError):
            draft.unlink()
        raise StoreFault(f"{path} could not be written: {failure.strerror}") from failure


def sync_directory(directory: Path) -> None:
    """Make renames, creations and removals in `directory` durable."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
