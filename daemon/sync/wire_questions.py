"""A till asks head office something, and hears the answer: searches, one record, old lines of sales.

Both are lost, doubled or late like any message: a ticket joins them, asking twice is harmless, what nobody waits for
any more is dropped. What is asked and answered is JSON of the desk; here it is bytes within bounds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from daemon.sync.plain import exact, short_text

TICKET_BYTES = 12
TOPIC_LENGTH_MAX = 32
ASKED_BYTES_MAX = 2 * 1024
REPLY_BYTES_MAX = 96 * 1024


class Verdict(Enum):
    """What became of a question."""

    ANSWERED = "answered"
    REFUSED = "refused"
    """The body is head office's sentence: the question was wrong, or about nobody."""
    UNKNOWN = "unknown"
    """Head office does not know this kind of question: it is older."""
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Asked:
    """Till → hub: a question on a topic."""

    ticket: bytes
    topic: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """Hub → till: the answer to the question with this ticket."""

    ticket: bytes
    verdict: Verdict
    body: bytes


QuestionMessage = Asked | Reply


def _bounded(value: Any, bytes_max: int) -> bytes:
    if type(value) is not bytes or len(value) > bytes_max:
        raise ValueError("not a body within its bounds")
    return value


def _to_asked(plain: Any) -> Asked:
    ticket, topic, body, *_ = plain
    if not 0 < len(short_text(topic)) <= TOPIC_LENGTH_MAX or not topic.isprintable():
        raise ValueError("not a topic")
    return Asked(exact(ticket, TICKET_BYTES), topic, _bounded(body, ASKED_BYTES_MAX))


def _to_reply(plain: Any) -> Reply:
    ticket, verdict, body, *_ = plain
    return Reply(exact(ticket, TICKET_BYTES), Verdict(short_text(verdict)), _bounded(body, REPLY_BYTES_MAX))


QUESTION_MESSAGES: dict[type, tuple[int, Callable[[Any], Any], Callable[[Any], QuestionMessage]]] = {
    Asked: (21, lambda m: (m.ticket, m.topic, m.body), _to_asked),
    Reply: (22, lambda m: (m.ticket, m.verdict.value, m.body), _to_reply),
}
"""Message types by their number on the wire, as in `wire`; a number is never reused."""
