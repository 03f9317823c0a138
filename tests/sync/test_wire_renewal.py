"""A renewal on the wire."""

import pytest

from daemon.domain.canonical import pack
from daemon.errors import PeerFault
from daemon.sync import wire
from daemon.sync.wire_renewal import REQUEST_BYTES_MAX, RenewalWanted, Renewed


@pytest.mark.parametrize("message", [RenewalWanted(b"-----BEGIN"), Renewed(b"-----BEGIN" * 200)])
def test_both_messages_come_back_as_they_were(message: RenewalWanted | Renewed) -> None:
    raw = wire.encode(message)
    assert raw[1] == (11 if isinstance(message, RenewalWanted) else 12)
    assert wire.decode(raw) == message


@pytest.mark.parametrize("value", [b"", "text", b"\xff", b"x" * (REQUEST_BYTES_MAX + 1), 7, None])
def test_what_is_no_text_of_a_request_is_refused(value: object) -> None:
    with pytest.raises(PeerFault, match="RenewalWanted does not have the parts of one"):
        wire.decode(bytes((wire.VERSION, 11, 0)) + pack((value,)))
