import json
import os

import pytest

from daemon.drivers.key_layouts import LAYOUTS, WITH_CONTROL, layout, text_of
from tests.drivers.rigs import xkb_oracle


def test_the_table_is_what_libxkbcommon_says() -> None:
    try:
        xkb_oracle.library()
    except OSError:
        missing("libxkbcommon is not installed (sudo apt-get install libxkbcommon0 xkb-data)")
    assert xkb_oracle.TABLE.read_text("utf-8") == xkb_oracle.rendered()


def missing(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def test_the_table_has_the_layouts_that_a_configuration_may_name() -> None:
    assert tuple(json.loads(xkb_oracle.TABLE.read_text("utf-8"))) == LAYOUTS == xkb_oracle.LAYOUTS


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_digit_and_capital_letter_has_a_key_in_every_layout(name: str) -> None:
    typed = {text for levels in layout(name).values() for text in levels}  # type: ignore[arg-type]  # one of LAYOUTS
    assert set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-]") <= typed


def test_a_key_that_types_nothing_spoils_the_text() -> None:
    us = layout("us")
    assert text_of(bytes([2, 0, 3, 0]), us) == "12"
    assert text_of(bytes([2, 0, 59, 0]), us) is None
    assert text_of(bytes([2, 0, 82, 1]), us) is None


def test_control_and_the_key_of_the_bracket_separate_gs1_elements() -> None:
    assert text_of(bytes([2, 0, 27, WITH_CONTROL, 3, 0]), layout("us")) == "1\x1d2"
    assert text_of(bytes([2, 0, 12, WITH_CONTROL, 2, 0]), layout("fr")) == "&\x1d&"
    assert text_of(bytes([30, WITH_CONTROL]), layout("us")) is None
