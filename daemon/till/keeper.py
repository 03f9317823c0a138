"""What a till does by itself when it hears of something: it passes rights on, and gives back what came too late.

Rights are passed on when head office asks for them: only what is held here, and what no open visit has chosen. Those
of a customer who is being served here go to nobody who does not need them now.
"""

from contextlib import suppress

from daemon.desk.ticket_awards import KEEPER, put_back_of_closed
from daemon.domain import ticket as steps
from daemon.domain.change import OPERATIONS_MAX, Operation, decode_header
from daemon.domain.feed import Frame
from daemon.domain.hlc import ticks
from daemon.domain.ids import HUB_SITE
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.domain.ledger import BOOK
from daemon.domain.rights import ASKED_MS, CAUSE, GUARDED, KEEP, RECALLED, answer_recall, answer_whose, sale_asked
from daemon.errors import DamagedRow
from daemon.store import authoring, elements, following, issuers, loyalty, rights, tickets, visits
from daemon.store.database import Connection
from daemon.store.replica import Replica


def attend(conn: Connection, replica: Replica, frame: Frame, *, now_ms: int) -> bool:
    """Do what a frame that was just applied asks of this till; whether that made a record."""
    is_answered = pass_on(conn, replica, frame, now_ms=now_ms)
    is_answered = own_up(conn, replica, frame, now_ms=now_ms) or is_answered
    return put_back_late(conn, replica, frame, now_ms=now_ms) or is_answered


def put_back_late(conn: Connection, replica: Replica, frame: Frame, *, now_ms: int) -> bool:
    """Give back a held ticket that a frame of the shop's feed awards to a sale that is over; whether there was one.

    The answer of head office went lost, and the sale was posted without the ticket, or never made.
    """
    if frame.scope.reach != Reach.SHOP or replica.identity.is_hub:
        return False
    count = 0
    for record in frame.records:
        header = decode_header(record.header)
        for _, change in following.read_slots(record, header) if header.site == HUB_SITE else ():
            sale = change.op.fields.get(steps.SALE)
            if change.op.kind != Kind.TICKET_STEP or change.op.fields.get(steps.WHAT) != steps.Step.TAKEN:
                continue
            ticket = tickets.ticket(conn, change.op.fields.get(steps.OF, b""))
            if ticket is not None and isinstance(sale, bytes):
                count += put_back_of_closed(conn, replica, sale, ticket, now_ms=now_ms)
    return count > 0


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
            if change.op.fields.get(KEEP) and change.op.entity in _served(conn):
                continue  # it is to make lanes even; what somebody needs who stands at another one is asked for whole
            purse = rights.purse(conn, replica, change.op.entity, book)
            operations = answer_recall(change.op, purse, holder=here)
            if operations:
                authoring.commit(conn, replica, KEEPER, operations, now_ms=now_ms)
                is_answered = True
    return is_answered


def own_up(conn: Connection, replica: Replica, frame: Frame, *, now_ms: int) -> bool:
    """Answer which holder issued a sale that another till has posted; whether that made a record.

    However long ago head office asked. A sale whose visit is not known here gets no answer: some other box may have
    issued it that lives under this number, or did, and it alone may say so.
    """
    if frame.scope.reach != Reach.SITE or replica.identity.is_hub:
        return False
    operations: list[Operation] = []
    for record in frame.records:
        header = decode_header(record.header)
        for _, change in following.read_slots(record, header) if header.site == HUB_SITE else ():
            sale = sale_asked(change.op)
            issuer = issuers.issuer_of_sale(conn, replica, sale) if sale is not None else None
            if sale is not None and issuer is not None:
                operations += answer_whose(change.op, sale, issuer=issuer)
    unsaid = [op for op in operations if not _is_said(conn, op)]
    for start in range(0, len(unsaid), OPERATIONS_MAX):
        authoring.commit(conn, replica, KEEPER, unsaid[start : start + OPERATIONS_MAX], now_ms=now_ms)
    return bool(unsaid)


def _is_said(conn: Connection, right: Operation) -> bool:
    """Whether the right stands here already; one that cannot be read was said."""
    with suppress(DamagedRow):
        return elements.element(conn, (right.entity, Kind.RIGHT, right.dot)) is not None
    return True


def _served(conn: Connection) -> frozenset[bytes]:
    """The accounts of the customers who are being served here."""
    people = {visit.customer for visit in visits.open_ones(conn) if not visit.is_walk_in}
    return frozenset(account for one in people for account in loyalty.accounts_of(conn, one))
