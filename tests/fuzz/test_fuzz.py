"""A share of the fuzzing with every test run; `make fuzz` feeds a million inputs to each parser."""

import pytest

from daemon.errors import PeerFault
from daemon.sync import wire
from tests.captures.releases.releases import all_messages
from tests.fuzz.parser import Parser, input_of
from tests.fuzz.parsers import PARSERS
from tests.fuzz.running import run

SHARE = 8000


@pytest.mark.parametrize("name", PARSERS)
def test_damaged_input_is_refused_in_words_or_read_rightly(name: str) -> None:
    parser = PARSERS[name]
    verdict = run(parser, 7, range(SHARE // parser.heavy))
    assert verdict.failures == []
    # Else the inputs are so damaged that nothing behind the first check is ever reached.
    assert verdict.became["accepted"] > verdict.inputs // 20, str(verdict)


@pytest.mark.parametrize("name", PARSERS)
def test_an_input_is_known_by_its_number(name: str) -> None:
    parser = PARSERS[name]
    assert [input_of(parser, 3, number) for number in range(20)] == [input_of(parser, 3, n) for n in range(20)]
    assert len({input_of(parser, 3, number) for number in range(200)}) > 100


def test_every_type_of_message_is_among_the_seeds() -> None:
    known = {number for number in range(256) if _is_known(number)}
    assert known == {raw[1] for raw in all_messages()}


def _is_known(number: int) -> bool:
    try:
        wire.decode(bytes((wire.VERSION, number, 0, 0x90)))
    except PeerFault as fault:
        return "does not know" not in str(fault)
    return True


def test_what_a_parser_does_not_declare_is_a_failure_with_its_number() -> None:
    def careless(raw: bytes) -> str:
        return str(raw[100])

    parser = Parser(name="careless", make=lambda chance: bytes(chance.randrange(200)), check=careless)
    verdict = run(parser, 2, range(1000))
    assert "seed 2 input" in verdict.failures[0]
    assert "IndexError" in verdict.failures[0]
