"""What may be told of a bug in a driver."""

import traceback
from pathlib import Path


def place_of(bug: BaseException) -> str:
    """Type and place only: the text of an exception may quote what was read, or what is to be printed."""
    last = traceback.extract_tb(bug.__traceback__)[-1]
    return f"the driver failed: {type(bug).__name__} in {Path(last.filename).name}, line {last.lineno}"
