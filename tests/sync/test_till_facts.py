"""What a till says of its devices, and what head office believes of it."""

from typing import Any

import pytest

from daemon.sync.till_facts import DEVICES_MAX, DeviceTold, Fact, device_fact, devices_told, output_fact

SCANNER = DeviceTold("scanner", "up", 1_700_000_000_000, 2, 3, 1, 0)
BADGES = DeviceTold("badges", "error", 0, 0, 0, 0, 0)
PRINTER = DeviceTold("counter", "held", 1_700_000_000_000, 0, 0, 2, 0, "printer")
DRAWER = DeviceTold("counter", "held", 0, 0, 0, 2, 0, "drawer")


def test_devices_come_back_as_they_were_told() -> None:
    assert devices_told({Fact.DEVICES: device_fact([SCANNER, BADGES])}) == (SCANNER, BADGES)
    assert devices_told({Fact.DEVICES: device_fact([])}) == ()
    assert devices_told({}) is None


def test_long_names_and_long_lists_are_cut_and_still_believed() -> None:
    many = [DeviceTold("x" * 99, "up", 0, 0, 0, 0, 0)] * 99
    found = devices_told({Fact.DEVICES: device_fact(many)})
    assert found is not None
    assert len(found) == DEVICES_MAX
    assert found[0].device == "x" * 40


@pytest.mark.parametrize(
    "said",
    [
        "scanner",
        ("scanner",),
        (("scanner", "up"),),
        (("scanner", "flying", 0, 0, 0, 0, 0),),
        (("x" * 41, "up", 0, 0, 0, 0, 0),),
        (("scanner", "up", -1, 0, 0, 0, 0),),
        (("scanner", "up", True, 0, 0, 0, 0),),
        (("scanner", "up", 2**62, 0, 0, 0, 0),),
        ((7, "up", 0, 0, 0, 0, 0),),
        (("scanner", "up", 0, 0, 0, 0, 0),) * (DEVICES_MAX + 1),
    ],
)
def test_what_cannot_be_devices_is_no_device(said: Any) -> None:
    assert devices_told({Fact.DEVICES: said}) is None


def test_what_prints_shows_and_opens_is_told_apart_and_a_till_that_does_not_tell_it_is_believed() -> None:
    all_ = [SCANNER, PRINTER, DRAWER]
    facts: dict[int, Any] = {Fact.DEVICES: device_fact(all_), Fact.OUTPUTS: output_fact(all_)}
    assert facts[Fact.DEVICES] == device_fact([SCANNER]), "a head office of before understands it"
    assert devices_told(facts) == (SCANNER, PRINTER, DRAWER)
    assert devices_told({Fact.DEVICES: device_fact([SCANNER])}) == (SCANNER,)


@pytest.mark.parametrize(
    "said",
    [
        "counter",
        (("counter", "printer"),),
        (("counter", "reader", "up", 0, 0),),
        (("counter", ["printer"], "up", 0, 0),),
        (("counter", "printer", "flying", 0, 0),),
        (("counter", "printer", "up", -1, 0),),
        (("counter", "printer", "up", 0, True),),
    ],
)
def test_what_cannot_be_a_printer_is_none(said: Any) -> None:
    assert devices_told({Fact.DEVICES: (), Fact.OUTPUTS: said}) is None
