"""Card readers behind pcscd, as awaitable calls. The door to pyscard.

pyscard blocks, and a context of it belongs to one thread: each open reader has a thread of its own, which carries out
one call after another. pyscard is optional: it is looked for here, then among the packages of Debian, which a virtual
environment does not see.
"""

import asyncio
import queue
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from typing_extensions import override

from daemon.errors import DeviceAbsent, DeviceFault

T = TypeVar("T")

SOCKET: Final = Path("/run/pcscd/pcscd.comm")
"""Where pcscd listens; systemd makes it before pcscd runs."""

DEBIAN_PACKAGES: Final = "/usr/lib/python3/dist-packages"

NOT_INSTALLED: Final = (
    "the library of PC/SC readers is missing: apt-get install pcscd python3-pyscard (or pip install comptoir[pcsc])"
)

_LOOK_MS: Final = 1000
"""How long one wait for a card lasts: so long may the end of one that nobody wants any more be late."""

_NO_READERS: Final = 0x8010002E
_NO_SERVICE: Final = frozenset({0x8010001D, 0x8010001E})
_NOT_ALLOWED: Final = frozenset({0x8010006A, 0x80100027})
_SHARING: Final = 0x8010000B
_TIMEOUT: Final = 0x8010000A
_CANCELLED: Final = 0x80100002
_CARD_GONE: Final = frozenset({0x80100069, 0x80100066, 0x80100067, 0x80100068, 0x8010000C, 0x80100016})
"""Removed, mute, without power, reset, not there, not transacted: of the card, not of its reader."""


class PcscTerminal:
    """One reader, held open. Made by `open_terminal`; for one task."""

    def __init__(self, wanted: str) -> None:
        self._wanted = wanted
        self._loop = asyncio.get_running_loop()
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._library: Any = None
        self._context: Any = None
        self._reader = ""
        self._card: Any = None
        self._protocol = 0
        self._state = 0
        threading.Thread(target=self._work, name=f"pcsc {wanted}", daemon=True).start()

    @override
    def __repr__(self) -> str:
        return f"PcscTerminal({self._reader or self._wanted})"

    async def open(self) -> None:
        """Find the reader; raises DeviceAbsent, or DeviceFault with one sentence."""
        await self._call(self._find)

    async def presented(self) -> bytes:
        """Wait for a card and take it for this process alone; its answer to reset, empty for one that is mute."""
        return await self._call(self._wait_for_card)

    async def transmit(self, apdu: bytes) -> bytes:
        """What the card answers; nothing when it went away."""
        return await self._call(lambda _: self._exchange(apdu))

    async def removed(self) -> None:
        """Let go of the card, and wait until it is gone."""
        await self._call(self._wait_for_removal)

    def close(self) -> None:
        """Let go of everything, without waiting for it."""
        self._interrupt()
        self._calls.put(None)

    async def _call(self, act: Callable[[asyncio.Future[T]], T]) -> T:
        answer: asyncio.Future[T] = self._loop.create_future()

        def carry_out() -> None:
            if answer.cancelled():
                return
            try:
                result = act(answer)
            except Exception as wrong:  # noqa: BLE001 - whatever it is, it is for the task that asked
                self._tell(_fail, answer, wrong)
            else:
                self._tell(_settle, answer, result)

        self._calls.put(carry_out)
        try:
            return await answer
        except asyncio.CancelledError:
            self._interrupt()
            raise

    def _tell(self, receive: Callable[..., None], *told: object) -> None:
        # The loop is closed: the daemon stopped meanwhile.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(receive, *told)

    def _interrupt(self) -> None:
        """End a wait in the thread; the one call that may come from another."""
        if self._context is not None:
            self._library.SCardCancel(self._context)

    # What follows runs in the thread.

    def _work(self) -> None:
        for call in iter(self._calls.get, None):
            call()
        self._leave_card()
        if self._context is not None:
            self._library.SCardReleaseContext(self._context)

    def _find(self, _: object) -> None:
        self._library = _load()
        scard = self._library
        code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
        self._check(code)
        self._context = context
        code, names = scard.SCardListReaders(context, [])
        if _unsigned(code) == _NO_READERS:
            names = []
        else:
            self._check(code)
        found = [name for name in names if name == self._wanted or name.startswith(self._wanted)]
        if not found:
            raise DeviceAbsent(f"no PC/SC reader is called {self._wanted}")
        if len(found) > 1 and self._wanted not in found:
            raise DeviceFault(f"{len(found)} PC/SC readers are called {self._wanted}: give more of the name")
        self._reader = self._wanted if self._wanted in found else found[0]

    def _wait_for_card(self, answer: asyncio.Future[bytes]) -> bytes:
        scard = self._library
        answer_to_reset = self._wait(answer, lambda state: bool(state & scard.SCARD_STATE_PRESENT))
        if answer.cancelled():
            return b""
        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        code, card, protocol = scard.SCardConnect(self._context, self._reader, scard.SCARD_SHARE_EXCLUSIVE, protocols)
        if _unsigned(code) in _CARD_GONE:
            return b""
        self._check(code)
        self._card, self._protocol = card, protocol
        return answer_to_reset

    def _exchange(self, apdu: bytes) -> bytes:
        if self._card is None:
            return b""
        code, response = self._library.SCardTransmit(self._card, self._protocol, list(apdu))
        if _unsigned(code) in _CARD_GONE:
            return b""
        self._check(code)
        return bytes(octet % 256 for octet in response)

    def _wait_for_removal(self, answer: asyncio.Future[None]) -> None:
        self._leave_card()
        present = self._library.SCARD_STATE_PRESENT
        self._wait(answer, lambda state: not state & present)

    def _wait(self, answer: asyncio.Future[Any], is_there: Callable[[int], bool]) -> bytes:
        """Wait until the reader's state is as wanted, or nobody wants it any more; the answer to reset."""
        scard = self._library
        lost = scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE
        while not answer.cancelled():
            asked = [(self._reader, self._state)]
            code, states = scard.SCardGetStatusChange(self._context, _LOOK_MS, asked)
            if _unsigned(code) in {_TIMEOUT, _CANCELLED}:
                continue
            self._check(code)
            _, state, reset = states[0]
            self._state = state & ~scard.SCARD_STATE_CHANGED
            if state & lost:
                raise DeviceAbsent(f"the PC/SC reader {self._reader} was unplugged")
            if is_there(state):
                return bytes(octet % 256 for octet in reset)
        return b""

    def _leave_card(self) -> None:
        if self._card is not None:
            self._library.SCardDisconnect(self._card, self._library.SCARD_LEAVE_CARD)
            self._card = None

    def _check(self, code: int) -> None:
        """Raise DeviceFault for an error of PC/SC (its codes: winscard.h of pcsc-lite)."""
        number = _unsigned(code)
        if number == 0:
            return
        if number in _NO_SERVICE:
            raise DeviceFault("pcscd does not run: apt-get install pcscd, then systemctl start pcscd.socket")
        if number in _NOT_ALLOWED:
            raise DeviceFault("pcscd refuses this user: polkit has no rule for the action org.debian.pcsc-lite")
        if number == _SHARING:
            raise DeviceFault(f"the card in {self._reader or self._wanted} is in use by another program")
        raise DeviceAbsent(f"the PC/SC reader {self._reader or self._wanted} failed (error {number:08X})")


@asynccontextmanager
async def open_terminal(wanted: str) -> AsyncIterator[PcscTerminal]:
    """The reader whose name is or begins with `wanted`; let go on leaving.

    Raises DeviceAbsent when there is none, DeviceFault when pcscd or its library is not there.
    """
    terminal = PcscTerminal(wanted)
    try:
        await terminal.open()
        yield terminal
    finally:
        terminal.close()


def reader_names() -> list[str]:
    """The readers that pcscd shows now. Blocks; raises DeviceFault with one sentence where it cannot be asked."""
    library = _load()
    code, context = library.SCardEstablishContext(library.SCARD_SCOPE_SYSTEM)
    if code != 0:
        raise DeviceFault("pcscd does not run: apt-get install pcscd, then systemctl start pcscd.socket")
    try:
        code, names = library.SCardListReaders(context, [])
        return list(names) if code == 0 else []
    finally:
        library.SCardReleaseContext(context)


def _load() -> Any:
    try:
        with _debian_packages():
            from smartcard import scard
    except ImportError as missing:
        raise DeviceFault(NOT_INSTALLED) from missing
    return scard


@contextmanager
def _debian_packages() -> Iterator[None]:
    """Look among Debian's packages too, after everything else; only while pyscard is imported."""
    sys.path.append(DEBIAN_PACKAGES)
    try:
        yield
    finally:
        sys.path.remove(DEBIAN_PACKAGES)


def _unsigned(code: int) -> int:
    """pcsc-lite's codes are unsigned, pyscard's signed."""
    return code % 2**32


def _settle(answer: asyncio.Future[Any], result: object) -> None:
    if not answer.done():
        answer.set_result(result)


def _fail(answer: asyncio.Future[Any], wrong: Exception) -> None:
    if not answer.done():
        answer.set_exception(wrong)
