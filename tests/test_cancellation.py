import asyncio

import pytest

from daemon.cancellation import stop_if_cancelled, waited_for


async def failing_when_cancelled() -> None:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        raise OSError("the line broke as we stopped") from None


async def trying_for_ever(tries: list[int]) -> None:
    while True:
        tries.append(len(tries))
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(failing_when_cancelled(), name="member")
        except* OSError:
            pass
        stop_if_cancelled()
        await asyncio.sleep(0)


async def test_a_cancellation_that_met_a_failure_still_ends_the_loop() -> None:
    tries: list[int] = []
    async with asyncio.TaskGroup() as tasks:
        loop = tasks.create_task(trying_for_ever(tries), name="loop")
        await asyncio.sleep(0.01)
        loop.cancel()
    assert tries == [0]
    assert loop.cancelled()


async def test_a_task_that_was_not_cancelled_goes_on() -> None:
    stop_if_cancelled()


def test_outside_a_task_nothing_is_asked() -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        stop_if_cancelled()


async def test_who_tidies_up_when_cancelled_waits_no_longer_than_it_may_and_goes_on() -> None:
    done: list[str] = []

    async def tidying() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await waited_for(asyncio.Event().wait(), 0.01)
            done.append("tidied")

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(tidying(), name="tidying")
        await asyncio.sleep(0)
        task.cancel()
    assert done == ["tidied"]
