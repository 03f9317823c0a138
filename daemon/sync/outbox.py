"""Own records on their way to the hub: loaded in order, a few batches under way at once, sent again when lost."""

from dataclasses import dataclass, field

from daemon.domain.feed import Batch
from daemon.sync import commands as do
from daemon.sync.wire import Upload

UNACKNOWLEDGED_MAX = 8
"""Batches under way at once."""

ACK_PATIENCE_MS = 15_000


@dataclass(slots=True)
class Outbox:
    """How far the sealed records of this incarnation are sent."""

    sent_seq: int = 0
    under_way: list[int] = field(default_factory=list)
    """The last position of each batch that is not acknowledged."""
    loading: bool = False
    nothing_left: bool = False
    ack_by_ms: int = 0

    @property
    def is_settled(self) -> bool:
        """Whether everything that was saved is sent and acknowledged."""
        return self.nothing_left and not self.under_way and not self.loading

    def stand(self, applied_seq: int) -> None:
        """Begin again after what the hub has said to be applied."""
        self.sent_seq = applied_seq
        self.under_way.clear()
        self.loading = False
        self.nothing_left = False

    def skip_to(self, seq: int) -> None:
        """The hub holds everything up to here already."""
        self.sent_seq = seq

    def recorded(self) -> None:
        """There is something new."""
        self.nothing_left = False

    def loaded(self, batch: Batch | None, incarnation: int, boot: bytes, now_ms: int) -> list[do.Command]:
        """Send what was loaded, if it is still the next: positions may have moved since it was asked for."""
        self.loading = False
        if batch is None or (batch.incarnation, batch.first) != (incarnation, self.sent_seq + 1):
            self.nothing_left = batch is None
            return []
        self.sent_seq = batch.first + len(batch.records) - 1
        if not self.under_way:
            self.ack_by_ms = now_ms + ACK_PATIENCE_MS
        self.under_way.append(self.sent_seq)
        return [do.Send(Upload(batch, boot))]

    def acknowledged(self, seq: int, now_ms: int) -> None:
        """The hub has applied everything up to a position."""
        self.under_way = [last for last in self.under_way if last > seq]
        self.sent_seq = max(self.sent_seq, seq)
        self.ack_by_ms = now_ms + ACK_PATIENCE_MS

    def is_overdue(self, now_ms: int) -> bool:
        """Whether batches or their acknowledgements must have been lost."""
        return bool(self.under_way) and now_ms >= self.ack_by_ms

    def next(self) -> list[do.Command]:
        """Load the next batch, if there is room and something to load."""
        if self.loading or self.nothing_left or len(self.under_way) >= UNACKNOWLEDGED_MAX:
            return []
        self.loading = True
        return [do.Load(self.sent_seq)]
