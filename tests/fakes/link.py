"""A broker in memory: the same promises as a real one, and as few.

Held to them by tests/contracts/test_link_contract.py.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from typing_extensions import override

from daemon.errors import PeerFault
from daemon.sync.link import Link, LinkSettings, Message

NOT_AUTHORIZED = 0x87


def filter_matches(pattern: str, topic: str) -> bool:
    """Whether a subscription covers a topic (`+` one level, `#` all the rest)."""
    wanted, found = pattern.split("/"), topic.split("/")
    for place, level in enumerate(wanted):
        if level == "#":
            return True
        if place >= len(found) or level not in ("+", found[place]):
            return False
    return len(wanted) == len(found)


class FakeLink(AsyncIterator[Message]):
    """One client's side of `FakeBroker`."""

    def __init__(self, broker: "FakeBroker", settings: LinkSettings) -> None:
        self.settings = settings
        self._broker = broker
        self._arrived: asyncio.Queue[Message | None] = asyncio.Queue()
        self._held: deque[tuple[str, bytes]] = deque()
        self._unacknowledged = 0
        self._ended = asyncio.Event()

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False, expiry_s: int) -> None:
        if len(topic) + len(payload) > self.settings.packet_bytes_max:
            raise PeerFault(f"the fake broker takes packets of {self.settings.packet_bytes_max} bytes")
        await asyncio.sleep(0)
        if self._broker.frozen:
            await self._ended.wait()
        if self._ended.is_set():
            raise PeerFault(f"the link to the fake broker was lost before it answered for {topic}")
        if self._broker.refuses(self.settings.client_id, topic):
            raise PeerFault(f"the fake broker refused a message for {topic} with {NOT_AUTHORIZED:#04x}")
        self._broker.deliver(topic, payload, retain=retain, expiry_s=expiry_s)

    @property
    def incoming(self) -> AsyncIterator[Message]:
        return self

    @override
    async def __anext__(self) -> Message:
        message = await self._arrived.get()
        if message is None:
            self._arrived.put_nowait(None)
            raise PeerFault("the link to the fake broker was lost")
        return message

    def hand(self, topic: str, payload: bytes) -> None:
        """The broker sends; what exceeds the window waits for acknowledgements."""
        if any(filter_matches(pattern, topic) for pattern in self.settings.subscriptions):
            self._held.append((topic, payload))
            self._fill()

    def end(self) -> None:
        """The connection is gone, for whatever reason."""
        if not self._ended.is_set():
            self._ended.set()
            self._arrived.put_nowait(None)

    def _fill(self) -> None:
        while self._held and self._unacknowledged < self.settings.unacknowledged_max and not self._ended.is_set():
            topic, payload = self._held.popleft()
            self._unacknowledged += 1
            self._arrived.put_nowait(Message(topic=topic, payload=payload, ack=self._acknowledge))

    def _acknowledge(self) -> None:
        self._unacknowledged -= 1
        self._fill()


class FakeBroker:
    """Connects links by client id; `refuses(client_id, topic)` is its access list."""

    def __init__(
        self, now_s: Callable[[], float], *, refuses: Callable[[str, str], bool] = lambda _client, _topic: False
    ) -> None:
        self.refuses = refuses
        self.frozen = False
        self._now_s = now_s
        self._links: dict[str, FakeLink] = {}
        self._retained: dict[str, tuple[bytes, float]] = {}
        self._dead = False

    @asynccontextmanager
    async def connect(self, settings: LinkSettings) -> AsyncIterator[Link]:
        """See `daemon.sync.link.Connect`."""
        if self._dead:
            raise PeerFault("the fake broker does not let us in: it is dead")
        link = FakeLink(self, settings)
        self._leave(self._links.get(settings.client_id))
        self._links[settings.client_id] = link
        for topic, (payload, until_s) in list(self._retained.items()):
            if self._now_s() < until_s:
                link.hand(topic, payload)
        try:
            yield link
        finally:
            self._leave(link)

    def deliver(self, topic: str, payload: bytes, *, retain: bool, expiry_s: int) -> None:
        """Fan out to everybody who subscribed, the sender included."""
        if retain and not payload:
            self._retained.pop(topic, None)
        elif retain:
            self._retained[topic] = (payload, self._now_s() + expiry_s)
        for link in list(self._links.values()):
            link.hand(topic, payload)

    def freeze(self) -> None:
        """Stop answering without closing anything."""
        self.frozen = True

    def kill(self) -> None:
        """End with everything that was retained; every link is lost."""
        self._dead = True
        self._retained.clear()
        for link in self._links.values():
            link.end()
        self._links.clear()

    def _leave(self, link: FakeLink | None) -> None:
        if link is None or self._links.get(link.settings.client_id) is not link:
            return
        del self._links[link.settings.client_id]
        link.end()
        if will := link.settings.will:
            self.deliver(will.topic, will.payload, retain=True, expiry_s=will.expiry_s)
