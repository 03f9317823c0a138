import enum
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from daemon.errors import DeviceFault, OperatorMistake
from daemon.journal import describe, event, failure


class Paper(enum.Enum):
    OUT = "out"


@pytest.fixture
def logger(caplog: pytest.LogCaptureFixture) -> logging.Logger:
    caplog.set_level(logging.DEBUG)
    return logging.getLogger("daemon.tried")


def test_an_event_is_its_name_and_its_facts(logger: logging.Logger, caplog: pytest.LogCaptureFixture) -> None:
    event(
        logger, "link-up", site=12, waiting=0, tls=True, late_s=0.123456, paper=Paper.OUT, name="scanner-1", shop=None
    )
    assert caplog.messages == ["link-up site=12 waiting=0 tls=yes late_s=0.123 paper=out name=scanner-1 shop=-"]


@pytest.mark.parametrize(
    "personal",
    [
        "Sophie Lefevre",
        "sophie@example.com",
        "0639981234",
        "C2900000000001",
        "a-290000000",
        "Zoé",
        "",
        "x" * 41,
        "a\nb",
        "12",
    ],
)
def test_a_text_that_is_no_short_name_is_not_written(
    personal: str, logger: logging.Logger, caplog: pytest.LogCaptureFixture
) -> None:
    event(logger, "seen", what=personal)
    assert caplog.messages == ["seen what=?"]


@given(st.text())
def test_no_text_brings_a_blank_or_a_long_number_into_a_line(text: str) -> None:
    seen: list[str] = []

    class Ear(logging.Handler):
        @override
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(record.getMessage())

    logger = logging.Logger("daemon.ear")
    logger.addHandler(Ear())
    event(logger, "seen", what=text)
    (line,) = seen
    assert line.count(" ") == 1
    assert sum(sign.isdigit() for sign in line) <= 40 - 40 // 6
    assert line.isascii()


def test_another_type_is_a_programmers_error(logger: logging.Logger) -> None:
    with pytest.raises(TypeError, match="the fact who of a log line"):
        event(logger, "seen", who=b"Sophie")  # type: ignore[arg-type]  # what the test is about
    with pytest.raises(AssertionError):
        event(logger, "seen Sophie")


def raised(error: Exception, cause: Exception | None = None) -> Exception:
    with pytest.raises(type(error)) as caught:
        raise error from cause
    return caught.value


def test_a_foreign_exception_is_told_by_type_and_place_without_its_message() -> None:
    said = describe(raised(KeyError("Lefèvre"), raised(ValueError("0639981234"))))
    assert said.startswith("KeyError at test_journal.py:")
    assert " in raised, from ValueError at test_journal.py:" in said
    assert "Lef" not in said
    assert "0639" not in said


def test_our_own_exception_is_told_with_its_sentence() -> None:
    said = describe(raised(DeviceFault("the printer badges is out of paper")))
    assert said.startswith("DeviceFault: the printer badges is out of paper at ")
    assert describe(OperatorMistake("no")) == "OperatorMistake: no"


def test_a_group_is_told_part_by_part() -> None:
    assert describe(ExceptionGroup("tasks", [KeyError("x"), ValueError("y")])) == "ExceptionGroup: KeyError; ValueError"


def test_a_failure_carries_its_error_for_the_formatter(
    logger: logging.Logger, caplog: pytest.LogCaptureFixture
) -> None:
    error = raised(ValueError("Sophie"))
    failure(logger, "backup-failed", error, site=3)
    (record,) = caplog.records
    assert (record.levelname, record.getMessage()) == ("WARNING", "backup-failed site=3")
    assert record.exc_info is not None
    assert record.exc_info[1] is error
