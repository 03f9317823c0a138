"""What a till decides when it hears where the hub stands: the hub states, the till decides."""

from collections.abc import Iterator, Mapping

from daemon.domain.feed import Cursor, Head, Scope
from daemon.sync import commands as do
from daemon.sync import wire


def place(ours: Head, applied_seq: int, theirs: Head | None, chain: bytes | None) -> do.Command | None:
    """What to do about the position that the hub holds of this incarnation; `chain` is ours at their position.

    | the hub holds                          | that means                        | so                       |
    | nothing, and had applied nothing       | a new incarnation                 | go on                    |
    | nothing, but had applied something     | the hub was restored              | send all again, anew     |
    | more than we gave, or another chain    | this box was restored or cloned   | begin again, new holder  |
    | a position whose chain we forgot       | a hub older than its backups      | send what we have, anew  |
    | less than it had applied               | the hub was restored              | send again from there    |
    | our chain                              | all is well                       | settle and go on         |
    """
    if theirs is None or theirs.incarnation != ours.incarnation:
        return do.BeginAgain(new_holder=False) if applied_seq else None
    if theirs.seq > ours.seq or (chain is not None and chain != theirs.chain):
        return do.BeginAgain(new_holder=True)
    if chain is None:
        return do.BeginAgain(new_holder=False)
    if theirs.seq < applied_seq:
        return do.ResendAfter(theirs.seq)
    if theirs.seq > applied_seq:
        return do.Settle(theirs.seq, 0)
    return None


def follow(ours: Cursor, theirs: wire.FeedStanding) -> Cursor:
    """Where to stand in a feed: unchanged, or in the new generation, at the fork if we are past it."""
    if theirs.head.generation <= ours.generation:
        return ours
    if ours.offset > theirs.fork.offset:
        return theirs.fork
    return Cursor(theirs.head.generation, ours.offset, ours.chain)


def without_echo(welcome: wire.Welcome, standing: Mapping[Scope, Cursor]) -> Iterator[do.Command]:
    """Own records that the hub holds, in feeds that end where this till stands: no echo of them will come.

    They stand before a place that this replica was filled to. Position and feeds are one statement of one hub: a mark
    that comes after a late welcome may be of another, which was restored in between and has lost them.
    """
    for scope, cursor in standing.items():
        theirs = welcome.feeds.get(scope)
        if welcome.head is not None and theirs is not None and theirs.head == cursor:
            yield do.TakeAsHeard(scope, welcome.head.seq)
