"""A link to the broker, as the sessions see it: a lossy pipe that at least says when it breaks.

Implementations: `mqtt.connect`, and the fake one of the tests. Both pass tests/contracts/test_link_contract.py.
"""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from daemon.errors import OperatorMistake

SESSION_EXPIRY_S_MAX = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """Something that arrived.

    `ack()` frees its place in the broker's window (`LinkSettings.unacknowledged_max`); call it once the message is
    stored or dropped for good, in any order: the broker is told in order of arrival. On a link that is gone it does
    nothing.
    """

    topic: str
    payload: bytes
    ack: Callable[[], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Will:
    """The retained message that the broker publishes when this link ends, in whatever way."""

    topic: str
    payload: bytes
    expiry_s: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkSettings:
    """Where to connect, as whom, and how much may be under way.

    `window` bounds publishes that wait for their answer, `unacknowledged_max` arrivals that wait for `ack()`,
    `packet_bytes_max` a whole packet either way; the broker may lower the first and the last. The start is always
    clean, so a session that outlives its link holds messages for nobody.
    """

    host: str
    port: int
    client_id: str
    tls: ssl.SSLContext | None = None
    subscriptions: tuple[str, ...] = ()
    will: Will | None = None
    window: int = 64
    unacknowledged_max: int = 256
    packet_bytes_max: int = 128 * 1024
    session_expiry_s: int = 0
    keepalive_s: int = 15
    answer_s: float = 10.0

    def __post_init__(self) -> None:
        """Refuse what the protocol cannot carry."""
        if not 0 <= self.session_expiry_s <= SESSION_EXPIRY_S_MAX:
            raise OperatorMistake(f"the session may outlive its link by {SESSION_EXPIRY_S_MAX} s at most")
        if not 1 <= self.unacknowledged_max <= 65_535 or self.window < 1:
            raise OperatorMistake("the windows of a link hold 1 to 65535 messages")


class Link(Protocol):
    """One connection, from its CONNACK to its loss. It never reconnects: whoever holds it opens the next."""

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False, expiry_s: int) -> None:
        """Hand a message to the broker and wait until it took it; says nothing about the receiver.

        Raises PeerFault at once when the broker refuses, the link drops or the packet is too large; the link lives on
        after a refusal and after a packet that is too large. Callers wait for a place in the window and are sent in
        the order in which they called. After a cancellation the message may still arrive.
        """
        ...

    @property
    def incoming(self) -> AsyncIterator[Message]:
        """What arrives, in the broker's order, for one consumer; raises PeerFault when the link is lost."""
        ...


class Connect(Protocol):
    """Opens a link; raises PeerFault when there is no broker or it refuses us or a subscription."""

    def __call__(self, settings: LinkSettings) -> AbstractAsyncContextManager[Link]:
        """Connect, subscribe, hand out the link, and close it at the end of the block."""
        ...
