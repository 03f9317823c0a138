"""The till's questions to head office, over whatever line there is: an answer, or a clear word, within the deadline."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from daemon.clock import Clock, random_bytes
from daemon.errors import NoAnswer, OperatorMistake, OutOfReach, PeerFault
from daemon.sync.asking import AGAIN_MS, Asking
from daemon.sync.wire_questions import ASKED_BYTES_MAX, TICKET_BYTES, Asked, Reply, Verdict

LOOK_S: Final = 0.25
"""How often those who wait look at the time."""

_SENTENCES: Final = {
    Verdict.UNKNOWN: "head office does not know this kind of question: it is an older version",
    Verdict.TOO_LONG: "the answer of head office is too long to be sent: ask for less",
}


@dataclass
class Inquiries:
    """Questions under way. `speak`: says something on the line of this moment; None while there is none."""

    clock: Clock
    book: Asking = field(default_factory=Asking)
    speak: Callable[[Asked], None] | None = None
    _replies: dict[bytes, Reply] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def connected(self, speak: Callable[[Asked], None]) -> None:
        """There is a line."""
        self.speak = speak

    def cut(self) -> None:
        """The line is gone: nobody waits for a deadline who cannot be answered."""
        self.speak = None
        self._tell()

    def heard(self, reply: Reply) -> None:
        """An answer has come; one that nobody waits for is dropped."""
        if self.book.hear(reply):
            self._replies[reply.ticket] = reply
            self._tell()

    async def ask(self, topic: str, body: bytes, *, deadline_s: float) -> bytes:
        """The answer of head office, as JSON.

        Raises OutOfReach without a line, NoAnswer at the deadline, PeerFault for a question that it does not know,
        OperatorMistake for one that it refuses.
        """
        if self.speak is None:
            raise OutOfReach("head office cannot be reached: the line is cut")
        if self.book.is_full:
            raise NoAnswer("too much is asked of head office at once: wait a moment")
        if len(body) > ASKED_BYTES_MAX:
            raise OperatorMistake("the question to head office is too long")
        ticket, now_ms = random_bytes(TICKET_BYTES), self._now_ms()
        question = Asked(ticket, topic, body)
        self.speak(self.book.ask(question, until_ms=now_ms + int(deadline_s * 1000), now_ms=now_ms))
        try:
            return _read(await self._wait(question))
        finally:
            self.book.give_up(ticket)
            self._replies.pop(ticket, None)

    async def _wait(self, question: Asked) -> Reply:
        while question.ticket not in self._replies:
            if self.speak is None:
                raise OutOfReach("head office cannot be reached: the line is cut")
            again, _late = self.book.tick(self._now_ms())
            for one in again:
                self.speak(one)
            if question.ticket not in self.book.waiting and question.ticket not in self._replies:
                raise NoAnswer("head office has not answered in time")
            try:
                async with asyncio.timeout(min(LOOK_S, AGAIN_MS / 1000)):
                    await self._news.wait()
            except TimeoutError:
                continue
        return self._replies[question.ticket]

    def _now_ms(self) -> int:
        return int(self.clock.monotonic_s() * 1000)

    def _tell(self) -> None:
        """Wake everybody who waits; who waits next waits for the next."""
        self._news.set()
        self._news = asyncio.Event()


def _read(reply: Reply) -> bytes:
    if reply.verdict is Verdict.ANSWERED:
        return reply.body
    if reply.verdict is Verdict.REFUSED:
        raise OperatorMistake(reply.body.decode("utf-8", "replace"))
    raise PeerFault(_SENTENCES[reply.verdict])
