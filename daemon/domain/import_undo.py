"""Taking back what one line of an import wrote, where nothing newer stands. Pure.

A customer whose imported points or credit were spent since is refused: somebody has had their worth. One whom the
import created and who was changed, or served, since stays as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from daemon.domain import authoring
from daemon.domain.canonical import pack, unpack
from daemon.domain.change import Operation
from daemon.domain.element import Element
from daemon.domain.hlc import NO_STAMP, Stamp
from daemon.domain.import_line import DELETED, NUMBER
from daemon.domain.kinds import Kind
from daemon.domain.ledger import AMOUNT, BOOK
from daemon.domain.opening import take_back

Undoing = Literal["undone", "kept", "refused"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wrote:
    """What a line wrote. `before`: what its fields held; `members`: (kind, dot); `entries`: (account, fact).

    `marked`: the stamp of a second record, that marked the address which the first one wrote.
    """

    created: bool
    stamp: Stamp
    before: Mapping[int, Any] = field(default_factory=dict, repr=False)
    members: Sequence[tuple[int, bytes]] = ()
    entries: Sequence[tuple[bytes, bytes]] = ()
    marked: Stamp = NO_STAMP

    def is_ours(self, stamp: Stamp) -> bool:
        """Whether a stamp is one of the line's."""
        return stamp in (self.stamp, self.marked)

    def packed(self) -> bytes:
        """Its canonical bytes, to be kept beside the line."""
        before = dict(sorted(self.before.items()))
        marked = () if self.marked == NO_STAMP else (self.marked,)
        return pack((self.created, self.stamp, before, tuple(self.members), tuple(self.entries), *marked))


def read_wrote(raw: bytes) -> Wrote:
    """What `packed` gave."""
    created, stamp, before, members, entries, *marked = unpack(raw)
    return Wrote(
        created=created,
        stamp=stamp,
        before=before,
        members=members,
        entries=entries,
        marked=marked[0] if marked else NO_STAMP,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What stands now: all of the customer, the entries that the line booked, and the sums of their accounts."""

    here: Sequence[Element]
    entries: Sequence[Element] = ()
    sums: Mapping[tuple[bytes, int], int] = field(default_factory=dict)
    has_history: bool = False
    """Sold to, merged, or otherwise met since."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Undone:
    """What becomes of one customer, with the sentence that says why not all of it is taken back."""

    outcome: Undoing
    operations: list[Operation] = field(default_factory=list, repr=False)
    sentence: str = ""


def undo(wrote: Wrote, now: Standing) -> Undone:
    """Take back what a line wrote; a customer who was erased meanwhile has nothing left to take back."""
    row = next((element for element in now.here if element.kind == Kind.CUSTOMER), None)
    if row is None:
        return Undone(outcome="undone")
    if _was_spent(now):
        return Undone(outcome="refused", sentence="what the import brought was spent since")
    ours = [element for element in now.here if (int(element.kind), element.dot) in set(wrote.members)]
    back = [*(authoring.remove(one) for one in ours if not one.stamps), *take_back(now.entries)]
    if not wrote.created:
        fields = {at: value for at, value in wrote.before.items() if wrote.is_ours(row.stamp(at))}
        operations = [*([authoring.change(row, fields)] if fields else []), *back]
        stays = len(fields) < len(wrote.before) or any(one.stamps for one in ours)
        said = "what was changed since the import stays" if stays else ""
        return Undone(outcome="undone", operations=operations, sentence=said)
    if _is_newer(wrote, now, row):
        return Undone(outcome="kept", sentence="the customer was changed or served since the import")
    return Undone(outcome="undone", operations=[authoring.change(row, {NUMBER("deleted"): DELETED}), *back])


def _was_spent(now: Standing) -> bool:
    """Whether an account holds less than what came in: taking it back would leave less than nothing."""
    came: dict[tuple[bytes, int], int] = {}
    for entry in now.entries:
        key = (entry.entity, entry.fields[BOOK])
        came[key] = came.get(key, 0) + entry.fields[AMOUNT]
    return any(now.sums.get(key, 0) < amount for key, amount in came.items() if amount > 0)


def _is_newer(wrote: Wrote, now: Standing, row: Element) -> bool:
    """Whether anything of a created customer is not as the import left it."""
    last = max(wrote.stamp, wrote.marked)
    if now.has_history or any(stamp > last for stamp in (row.base, *row.stamps.values())):
        return True
    ours = set(wrote.members)
    return any(one.stamps or (int(one.kind), one.dot) not in ours for one in now.here if one.kind != Kind.CUSTOMER)
