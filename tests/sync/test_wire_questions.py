"""Questions and answers as bytes; what is out of bounds is refused."""

import pytest

from daemon.domain.canonical import pack
from daemon.errors import PeerFault
from daemon.sync import wire
from daemon.sync.wire_questions import ASKED_BYTES_MAX, REPLY_BYTES_MAX, Asked, Reply, Verdict

TICKET = b"t" * 12


@pytest.mark.parametrize(
    "message",
    [
        Asked(TICKET, "search", b'{"q": "morel"}'),
        Asked(TICKET, "x" * 32, b"q" * ASKED_BYTES_MAX),
        Reply(TICKET, Verdict.ANSWERED, b"a" * REPLY_BYTES_MAX),
        *(Reply(TICKET, verdict, b"") for verdict in Verdict),
    ],
)
def test_a_message_comes_back_as_it_was(message: wire.Message) -> None:
    assert wire.decode(wire.encode(message)) == message


@pytest.mark.parametrize(
    ("number", "plain"),
    [
        (21, (b"short", "search", b"")),
        (21, (TICKET, "", b"")),
        (21, (TICKET, "x" * 33, b"")),
        (21, (TICKET, "a\nb", b"")),
        (21, (TICKET, "search", "text")),
        (21, (TICKET, "search", b"q" * (ASKED_BYTES_MAX + 1))),
        (22, (TICKET, "perhaps", b"")),
        (22, (TICKET, "answered", b"a" * (REPLY_BYTES_MAX + 1))),
        (22, (TICKET,)),
    ],
)
def test_what_is_no_question_or_answer_is_refused(number: int, plain: object) -> None:
    with pytest.raises(PeerFault):
        wire.decode(bytes((wire.VERSION, number, 0)) + pack(plain))
