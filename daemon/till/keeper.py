"""A till passes rights on when head office asks it to: only what it holds, and what no open visit has chosen."""

from daemon.domain.change import Actor, ActorKind, decode_header
from daemon.domain.feed import Frame
from daemon.domain.hlc import ticks
from daemon.domain.ids import HUB_SITE
from daemon.domain.kind_shape import Reach
from daemon.domain.ledger import BOOK
from daemon.domain.rights import ASKED_MS, CAUSE, GUARDED, RECALLED, answer_recall
from daemon.store import authoring, following, rights
from daemon.store.database import Connection
from daemon.store.replica import Replica

KEEPER = Actor(ActorKind.SYSTEM, "keeper", "till")


def pass_on(conn: Connection, replica: Replica, frame: Frame, *, now_ms: int) -> bool:
    """Answer what a frame of this site's own feed recalls; whether that made a record.

    What was recalled long ago is not answered: the customer for whom it was has left. Head office alone recalls.
    """
    if frame.scope.reach != Reach.SITE or replica.identity.is_hub:
        return False
    since = ticks(max(now_ms + replica.timeline.offset_ms - ASKED_MS, 0))
    here = rights.holder_of(replica)
    is_answered = False
    for record in frame.records:
        header = decode_header(record.header)
        if header.time < since or header.site != HUB_SITE:
            continue
        for _, change in following.read_slots(record, header):
            book = change.op.fields.get(BOOK)
            if change.op.fields.get(CAUSE) != RECALLED or type(book) is not int or book not in GUARDED:
                continue
            purse = rights.purse(conn, replica, change.op.entity, book)
            operations = answer_recall(change.op, purse, holder=here)
            if operations:
                authoring.commit(conn, replica, KEEPER, operations, now_ms=now_ms)
                is_answered = True
    return is_answered
