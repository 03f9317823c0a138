"""The door to aiomqtt: one MQTT 5 connection that tells the truth about every publish.

As shipped, aiomqtt 2.5 reports a refused publish as done, acknowledges on arrival, and lets a pending publish wait out
its time when the broker dies; `_Client` puts that right.
"""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from types import TracebackType
from typing import Any, Final, Self

import aiomqtt
from paho.mqtt import client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from typing_extensions import override

from daemon.cancellation import stop_if_cancelled
from daemon.errors import PeerFault
from daemon.sync.link import Link, LinkSettings, Message, Will
from daemon.tls import check_dates

AT_LEAST_ONCE: Final = 1
REFUSED: Final = 0x80
"""Reason codes from here on are refusals (MQTT 5, section 2.4)."""
LEAVE_WITH_WILL: Final = 0x04
"""DISCONNECT reason after which the broker publishes the will: presence ends with the link, politely or not."""
PUBLISH_OVERHEAD_BYTES: Final = 5 + 2 + 2 + 1 + 5
"""Around topic and payload: fixed header, length of the topic, packet id, length of the properties, message expiry."""
CLOSE_S: Final = 1.0


@contextlib.asynccontextmanager
async def connect(settings: LinkSettings) -> AsyncIterator[Link]:
    """Open a link; see `link.Connect`."""
    async with _Client(settings) as client:
        await client.listen(settings.subscriptions)
        # aiomqtt waits by `wait_for`, which in Python 3.11 forgets a cancellation that comes together with the answer.
        stop_if_cancelled()
        yield _MqttLink(client)


class _MqttLink(AsyncIterator[Message]):
    """The face of a connected client."""

    def __init__(self, client: "_Client") -> None:
        self._client = client

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False, expiry_s: int) -> None:
        """See `Link.publish`."""
        await self._client.send(topic, payload, retain=retain, expiry_s=expiry_s)

    @property
    def incoming(self) -> AsyncIterator[Message]:
        """See `Link.incoming`."""
        return self

    @override
    async def __anext__(self) -> Message:
        return await self._client.receive()


class _Client(aiomqtt.Client):
    """aiomqtt with refusals, manual acknowledgement, and failure in a millisecond."""

    def __init__(self, settings: LinkSettings) -> None:
        if settings.tls is not None:
            settings.tls.sslsocket_class = _OwnedSocket
        self._complaint = _Complaint()
        super().__init__(
            settings.host,
            settings.port,
            logger=self._complaint.logger,
            identifier=settings.client_id,
            protocol=aiomqtt.ProtocolVersion.V5,
            clean_start=True,
            keepalive=settings.keepalive_s,
            timeout=settings.answer_s,
            will=_will(settings.will),
            properties=_connect_properties(settings),
            tls_context=settings.tls,
            # Nagle's algorithm against the broker's delayed acknowledgement makes 22 messages a second.
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )
        self._settings = settings
        self._where = f"the broker at {settings.host}:{settings.port}"
        self._packet_bytes_max = settings.packet_bytes_max
        self._window = asyncio.Semaphore(settings.window)
        self._answers: dict[int, asyncio.Future[int | None]] = {}
        self._arrived: asyncio.Queue[Message | None] = asyncio.Queue()
        self._unacknowledged: deque[_Arrival] = deque()
        self._lost = False
        self._why_lost = ""
        self._client.manual_ack_set(True)
        # No limit inside paho: it would queue past the window, where nobody is told of a loss.
        self._client.max_inflight_messages_set(0)
        self._disconnected.add_done_callback(self._on_lost)

    @override
    async def __aenter__(self) -> Self:
        try:
            return await super().__aenter__()
        except (aiomqtt.MqttError, OSError, ValueError) as failure:
            await self._close()
            raise PeerFault(f"{self._where} does not let us in: {failure}") from failure
        except asyncio.CancelledError:
            await self._close()
            raise

    @override
    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        try:
            if not self._lost:
                self._client.disconnect(ReasonCode(PacketTypes.DISCONNECT, identifier=LEAVE_WITH_WILL))
                await asyncio.wait([self._disconnected], timeout=CLOSE_S)
        finally:
            await self._close()

    async def listen(self, filters: tuple[str, ...]) -> None:
        """Subscribe; raises PeerFault naming the first filter that the broker refuses."""
        if not filters:
            return
        try:
            codes: Sequence[ReasonCode | int] = await self.subscribe([(one, AT_LEAST_ONCE) for one in filters])
        except aiomqtt.MqttError as failure:
            raise PeerFault(f"{self._where} did not answer a subscription: {failure}") from failure
        for one, code in zip(filters, codes, strict=True):
            number = code.value if isinstance(code, ReasonCode) else code
            if number >= REFUSED:
                raise PeerFault(f"{self._where} refused the subscription to {one} with {number:#04x}")

    async def send(self, topic: str, payload: bytes, *, retain: bool, expiry_s: int) -> None:
        """See `Link.publish`."""
        # A broker hangs up on a packet that is too large; sent again on every link, it would block all that follows.
        size = len(topic.encode()) + len(payload) + PUBLISH_OVERHEAD_BYTES
        if size > self._packet_bytes_max:
            raise PeerFault(
                f"{self._where} takes packets of {self._packet_bytes_max} bytes, one for {topic} has {size}"
            )
        await self._window.acquire()
        info = None if self._lost else self._client.publish(topic, payload, AT_LEAST_ONCE, retain, _expires(expiry_s))
        if info is None or info.rc != paho.MQTT_ERR_SUCCESS:
            self._window.release()
            raise PeerFault(f"the link to {self._where} was lost before {topic} was sent: {self._why_lost}")
        answer: asyncio.Future[int | None] = self._loop.create_future()
        self._answers[info.mid] = answer
        try:
            async with asyncio.timeout(self.timeout):
                code = await answer
        except TimeoutError as late:
            raise PeerFault(f"{self._where} did not answer for {topic} within {self.timeout:g} s") from late
        finally:
            self._answers.pop(info.mid, None)
        if code is None:
            raise PeerFault(f"the link to {self._where} was lost before it answered for {topic}: {self._why_lost}")
        if code >= REFUSED:
            raise PeerFault(f"{self._where} refused a message for {topic} with {code:#04x}")

    async def receive(self) -> Message:
        """The next arrival; what arrived before a loss is still handed out."""
        message = await self._arrived.get()
        if message is None:
            self._arrived.put_nowait(None)
            raise PeerFault(f"the link to {self._where} was lost: {self._why_lost}")
        return message

    async def _close(self) -> None:
        """Free the socket and end aiomqtt's own task; harmless when repeated."""
        self._lost = True
        self._drop_socket()
        for told in (self._connected, self._disconnected):
            if told.done() and not told.cancelled():
                told.exception()  # whoever was to hear it was stopped
        if self._misc_task is not None:
            self._misc_task.cancel()
            await asyncio.wait([self._misc_task])

    def _drop_socket(self) -> None:
        self._client._sock_close()  # noqa: SLF001 - paho has no public way to give up a socket that does not answer

    @override
    def _client_connect(self) -> None:
        """Runs in a thread that nothing can stop: what it opens after a cancellation is closed here."""
        super()._client_connect()
        self._loop.call_soon_threadsafe(lambda: self._drop_socket() if self._lost else None)

    def _on_lost(self, ended: asyncio.Future[None]) -> None:
        """Tell everybody who waits, whatever ended the connection and whenever."""
        self._lost = True
        self._why_lost = self._complaint.last or str(ended.exception())
        reason = aiomqtt.MqttError(self._why_lost)
        pending: list[asyncio.Future[Any]] = [self._connected, *self._pending_subscribes.values()]
        for waiting in pending:
            if not waiting.done():
                waiting.set_exception(reason)
        for answer in self._answers.values():
            if not answer.done():
                answer.set_result(None)
        # Wakes the first of those who wait for a place, which wakes the next.
        self._window.release()
        self._arrived.put_nowait(None)
        self._drop_socket()

    @override
    def _on_connect(
        self, client: paho.Client, userdata: Any, flags: Any, reason_code: ReasonCode, properties: Any = None
    ) -> None:
        limits = {} if properties is None else properties.json()
        self._packet_bytes_max = min(self._packet_bytes_max, limits.get("MaximumPacketSize", self._packet_bytes_max))
        self._window = asyncio.Semaphore(min(self._settings.window, limits.get("ReceiveMaximum", 65_535)))
        super()._on_connect(client, userdata, flags, reason_code, properties)

    @override
    def _on_disconnect(
        self, client: paho.Client, userdata: Any, flags: Any, reason_code: ReasonCode, properties: Any = None
    ) -> None:
        """Also before the CONNACK, where a refused certificate would else cost the whole time-out."""
        if not self._disconnected.done():
            self._disconnected.set_exception(aiomqtt.MqttCodeError(reason_code))

    @override
    def _on_publish(
        self, client: paho.Client, userdata: Any, mid: int, reason_code: ReasonCode, properties: Any
    ) -> None:
        self._window.release()
        answer = self._answers.get(mid)
        if answer is not None and not answer.done():
            answer.set_result(reason_code.value)

    @override
    def _on_message(self, client: paho.Client, userdata: Any, message: paho.MQTTMessage) -> None:
        arrival = _Arrival(message.mid, message.qos)
        self._unacknowledged.append(arrival)
        acknowledge = partial(self._acknowledge, arrival)
        self._arrived.put_nowait(Message(topic=message.topic, payload=bytes(message.payload), ack=acknowledge))

    def _acknowledge(self, arrival: "_Arrival") -> None:
        """Tell the broker in order of arrival, whatever the order of the calls: MQTT-4.6.0-2; rumqttd hangs up else."""
        arrival.is_done = True
        while not self._lost and self._unacknowledged and self._unacknowledged[0].is_done:
            first = self._unacknowledged.popleft()
            self._client.ack(first.mid, first.qos)

    @override
    def _on_socket_register_write(self, client: paho.Client, userdata: Any, sock: Any) -> None:
        """At once where aiomqtt waits a turn of the loop, in which the descriptor may become somebody else's."""
        if self._connected.done():
            self._loop.add_writer(sock.fileno(), client.loop_write)
        else:
            super()._on_socket_register_write(client, userdata, sock)


@dataclass(slots=True)
class _Arrival:
    """A message that the broker waits to hear of."""

    mid: int
    qos: int
    is_done: bool = False


class _Complaint(logging.Handler):
    """Keeps what paho tells nobody but its log: why the socket failed, a revoked certificate for one."""

    def __init__(self) -> None:
        super().__init__()
        self.last = ""
        self.logger = logging.Logger("paho", logging.ERROR)
        self.logger.addHandler(self)

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.last = record.getMessage()


class _OwnedSocket(ssl.SSLSocket):
    """paho forgets to close a socket whose handshake failed."""

    @override
    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
            check_dates(self)
        except OSError:
            self.close()
            raise


def _connect_properties(settings: LinkSettings) -> Properties:
    return _properties(
        PacketTypes.CONNECT,
        SessionExpiryInterval=settings.session_expiry_s,
        ReceiveMaximum=settings.unacknowledged_max,
        MaximumPacketSize=settings.packet_bytes_max,
    )


def _will(will: Will | None) -> aiomqtt.Will | None:
    if will is None:
        return None
    properties = _properties(PacketTypes.WILLMESSAGE, MessageExpiryInterval=will.expiry_s)
    return aiomqtt.Will(will.topic, will.payload, AT_LEAST_ONCE, retain=True, properties=properties)


@lru_cache(maxsize=64)
def _expires(seconds: int) -> Properties:
    """Shared between publishes, which only read it: making one costs a fifth of a publish."""
    return _properties(PacketTypes.PUBLISH, MessageExpiryInterval=seconds)


def _properties(packet: int, **values: int) -> Properties:
    properties = Properties(packet)  # type: ignore[no-untyped-call]  # paho left this class untyped
    for name, value in values.items():
        setattr(properties, name, value)
    return properties
