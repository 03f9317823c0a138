"""Keeps a cancellation that a task group has swallowed, and what is done in spite of one.

When a task is cancelled while a member of its group fails, the group raises the failure alone, and whoever catches that
and tries again has forgotten to stop: a till then outlives SIGTERM.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress


def stop_if_cancelled() -> None:
    """Raise CancelledError if this task has been asked to stop; call it before trying again."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def waited_for(ending: Awaitable[object], most_s: float) -> None:
    """Until something ends, or so many seconds; also in a task that has been asked to stop and tidies up.

    There `asyncio.timeout` of Python 3.11.2, Debian 12's, ends as cancelled: what follows it is not done.
    """
    with suppress(TimeoutError):
        await asyncio.wait_for(ending, most_s)  # noqa: TID251  what is to be used in its place is what fails
