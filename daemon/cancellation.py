"""Keeps a cancellation that a task group has swallowed.

When a task is cancelled while a member of its group fails, the group raises the failure alone, and whoever catches that
and tries again has forgotten to stop: a till then outlives SIGTERM.
"""

import asyncio


def stop_if_cancelled() -> None:
    """Raise CancelledError if this task has been asked to stop; call it before trying again."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
