import pytest
from hypothesis import given
from hypothesis import strategies as some

from daemon.errors import OperatorMistake
from daemon.sync.enrol_wire import EnrolmentCode, read_code, write_code

halves = some.binary(min_size=10, max_size=10)


@given(secret=halves, pin=halves)
def test_a_code_is_read_back_however_it_is_typed(secret: bytes, pin: bytes) -> None:
    code = EnrolmentCode(secret=secret, pin=pin)
    text = write_code(code)
    careless = text.lower().replace("-", " ").replace("o", "0").replace("i", "1").replace("b", "8")
    assert [read_code(way) for way in (text, text.replace("-", ""), f" {text}\n", careless)] == [code] * 4


def test_a_code_is_eight_groups_of_four() -> None:
    text = write_code(EnrolmentCode(secret=bytes(range(10)), pin=bytes(range(10, 20))))
    assert text == "AAAQ-EAYE-AUDA-OCAJ-BIFQ-YDIO-B4IB-CEQT"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has 32 letters and digits, this one has 0"),
        ("AAAQ-EAYE", "this one has 8"),
        ("AAAQ-EAYE-AUDA-OCAJ-BIFQ-YDIO-B4IB-CEQT-AAAA", "this one has 36"),
        ("AAAQ-EAYE-AUDA-OCAJ-BIFQ-YDIO-B4IB-CEQ9", "a sign that no code has"),
        ("AAAQ-EAYE-AUDA-OCAJ-BIFQ-YDIO-B4IB-CEQÉ", "a sign that no code has"),
        ("AAAQ-EAYE-AUDA-OCAJ-BIFQ-YDIO-B4IB-CEQ=", "a sign that no code has"),
    ],
)
def test_a_code_that_cannot_be_one_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(OperatorMistake, match=sentence) as refusal:
        read_code(text)
    assert refusal.value.field == "code"


@given(some.text())
def test_no_text_is_worse_than_refused(text: str) -> None:
    try:
        read_code(text)
    except OperatorMistake:
        return


def test_a_code_names_the_certificate_that_it_was_written_for() -> None:
    code = EnrolmentCode(secret=bytes(10), pin=b"0123456789")
    assert code.pins(b"0123456789 and the rest of a SHA-256")
    assert not code.pins(b"012345678_ and the rest of a SHA-256")
    assert not code.pins(b"0123")


def test_a_code_does_not_show_its_secret() -> None:
    assert "secret" not in repr(EnrolmentCode(secret=b"0123456789", pin=bytes(10)))
