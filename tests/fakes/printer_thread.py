"""The simulated printer in a thread of its own: for tests whose till is another process."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

from daemon.drivers.simulated_printer import SimulatedModel, SimulatedPrinter

T = TypeVar("T")


class PrinterThread:
    """A machine that is spoken to from outside its loop."""

    def __init__(self, model: SimulatedModel) -> None:
        self._model = model
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._machine: SimulatedPrinter | None = None
        self._thread = threading.Thread(target=self._run, name="simulated printer", daemon=True)

    @property
    def port(self) -> int:
        assert self._machine
        return self._machine.port

    def ask(self, question: Callable[[SimulatedPrinter], T]) -> T:
        """Ask or do something in the machine's own loop."""

        async def asked() -> T:
            assert self._machine
            return question(self._machine)

        return asyncio.run_coroutine_threadsafe(asked(), self._loop).result(10)

    def tickets(self) -> list[bytes]:
        """Pictures of what was cut since somebody last looked."""
        return self.ask(lambda machine: [machine.tickets.popleft().png for _ in range(len(machine.tickets))])

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        async with SimulatedPrinter(self._model).serving() as machine:
            self._machine = machine
            self._ready.set()
            await self._stop.wait()

    @contextlib.contextmanager
    def running(self) -> Iterator["PrinterThread"]:
        self._thread.start()
        assert self._ready.wait(10)
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)
