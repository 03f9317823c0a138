"""The directory that holds all that a role knows: taken by one process at a time, private, with its own secret."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from daemon.clock import random_bytes
from daemon.durable_file import write_durably
from daemon.errors import OperatorMistake, StoreFault

LOCK: Final = "lock"
WEB_KEY: Final = "web.key"
WEB_SECRET_BYTES: Final = 32


@contextmanager
def taken(directory: Path) -> Iterator[Path]:
    """Make the directory if it is missing and hold it; raises OperatorMistake when another process does."""
    try:
        directory.mkdir(mode=0o750, parents=True, exist_ok=True)
        lock = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as failure:
        raise StoreFault(f"the state directory {directory} cannot be used: {failure.strerror}") from failure
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield directory
    except BlockingIOError as busy:
        raise OperatorMistake(f"another process works in {directory}: stop it first", field="state_directory") from busy
    finally:
        os.close(lock)


def web_secret(directory: Path) -> bytes:
    """The secret that form tokens are made with; made at the first start."""
    path = directory / WEB_KEY
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        found = b""
    if len(found) != WEB_SECRET_BYTES:
        found = random_bytes(WEB_SECRET_BYTES)
        write_durably(path, found)
    return found
