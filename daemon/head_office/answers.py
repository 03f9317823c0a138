"""What head office answers to a till that asks: a topic is one line in `TOPICS`.

Each answer is read beside the writer, in one short unit; it is what the desk here would show to somebody in the office.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from daemon.desk.inquiry import RecordAsked, SearchAsked
from daemon.desk.lookup import load_customer, search_answer
from daemon.desk.premises import Premises
from daemon.desk.provenance import why
from daemon.desk.sales import SALE_TOPIC, SALES_TOPIC, SaleAsked, SalesAsked, found_in, shown_in
from daemon.desk.ticket_awards import TAKE_TOPIC, TakeAsked, told_in
from daemon.desk.tickets import TICKETS_TOPIC, TicketsAsked
from daemon.desk.tickets import found_in as tickets_in
from daemon.domain.ids import EntityId, parse_entity
from daemon.errors import NotFound, OperatorMistake
from daemon.store.database import Connection
from daemon.sync.wire_questions import REPLY_BYTES_MAX, Asked, Reply, Verdict
from daemon.typed import parse_json, to_json

Find = Callable[[Connection, Premises, Any], object]


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of question: the shape of its body, and what finds the answer; in a unit that writes, if it decides."""

    shape: type
    find: Find
    decides: bool = False


def _search(conn: Connection, premises: Premises, asked: SearchAsked) -> object:
    return search_answer(conn, premises, asked.q, limit=asked.limit)


def _customer(conn: Connection, premises: Premises, asked: RecordAsked) -> object:
    return load_customer(conn, _id(asked.id), premises.now_ms())


def _why(conn: Connection, _: Premises, asked: RecordAsked) -> object:
    return why(conn, _id(asked.id))


def _sale(conn: Connection, _: Premises, asked: SaleAsked) -> object:
    return shown_in(conn, asked)


def _id(text: str) -> EntityId:
    found = parse_entity(text)
    if found is None:
        raise NotFound("no customer has this id", field="id")
    return found


TOPICS: Final[Mapping[str, Topic]] = {
    "search": Topic(SearchAsked, _search),
    "customer": Topic(RecordAsked, _customer),
    "why": Topic(RecordAsked, _why),
    SALE_TOPIC: Topic(SaleAsked, _sale),
    SALES_TOPIC: Topic(SalesAsked, found_in),
    TICKETS_TOPIC: Topic(TicketsAsked, tickets_in),
    TAKE_TOPIC: Topic(TakeAsked, told_in, decides=True),
}
"""Topics by their name on the wire; a name is never given another meaning."""


async def answer(premises: Premises, asked: Asked) -> Reply:
    """The answer to one question; never raises for what a till has asked."""
    topic = TOPICS.get(asked.topic)
    if topic is None:
        return Reply(asked.ticket, Verdict.UNKNOWN, b"")
    try:
        body: Any = parse_json(asked.body, topic.shape)
        run = premises.database.write if topic.decides else premises.database.read
        found = to_json(await run(lambda conn: topic.find(conn, premises, body)))
    except NotFound:
        return Reply(asked.ticket, Verdict.ANSWERED, b"null")
    except OperatorMistake as refused:
        return Reply(asked.ticket, Verdict.REFUSED, str(refused).encode()[:500])
    if len(found) > REPLY_BYTES_MAX:
        return Reply(asked.ticket, Verdict.TOO_LONG, b"")
    return Reply(asked.ticket, Verdict.ANSWERED, found)
