"""Tills whose clock is wrong: which of two edits is newer follows when they were made, not what a clock showed."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.clock import SystemClock
from tests.system.odd_machine import DAY_S, YEAR_S, OddMachine, built
from tests.system.processes import Chain, Daemon, running_chain, until

pytestmark = [pytest.mark.needs("mosquitto"), pytest.mark.needs("gcc")]

APART_S = 1.0
"""Between two edits at different tills: a time from head office is as good as the way there and back is quick."""
BACK_TO_1970_S = 60 - SystemClock().now_ms() // 1000


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with running_chain(tmp_path, shops=(1, 2)) as running:
        yield running


@pytest.fixture
def odd(tmp_path: Path) -> OddMachine:
    return built(tmp_path)


def make(box: Daemon, name: str) -> str:
    made: str = box.api.post("/customers", {"last_name": name, "surface": "import"})["customer"]["id"]
    return made


def rename(box: Daemon, customer: str, name: str) -> None:
    box.api.edit(customer, last_name=name)
    time.sleep(APART_S)


def names(chain: Chain, customer: str) -> set[str]:
    return {box.api.get(f"/customers/{customer}")["last_name"] for box in (chain.hub, *chain.tills)}


def reboot(box: Daemon, odd: OddMachine, clock_off_s: int) -> None:
    box.kill()
    odd.set(clock_off_s=clock_off_s)
    odd.carry(box)
    box.start()


@pytest.mark.feature("E3.1")
@pytest.mark.parametrize("off_s", [BACK_TO_1970_S, -4 * YEAR_S, 3 * YEAR_S], ids=["1970", "behind", "ahead"])
def test_a_box_without_a_clock_battery_dates_nothing_before_it_knows_the_time(
    chain: Chain, odd: OddMachine, off_s: int
) -> None:
    wrong, right = chain.tills
    earlier, later = make(right, "Avant"), make(right, "Avant")
    chain.settle()
    chain.broker.stop()
    reboot(wrong, odd, off_s)
    rename(right, later, "Droite")
    rename(wrong, later, "Gauche")  # made last, whatever its clock shows
    rename(wrong, earlier, "Gauche")
    rename(right, earlier, "Droite")
    chain.start_broker()
    chain.settle()
    assert names(chain, later) == {"Gauche"}
    assert names(chain, earlier) == {"Droite"}


@pytest.mark.feature("E3.1")
def test_a_clock_that_is_set_at_noon_changes_no_order(chain: Chain, odd: OddMachine) -> None:
    wrong, right = chain.tills
    reboot(wrong, odd, 0)
    customer = make(wrong, "Avant")
    chain.settle()
    for off_s in (DAY_S, -DAY_S, 40 * YEAR_S):
        odd.set(clock_off_s=off_s)
        rename(wrong, customer, f"Saut {off_s}")
        chain.settle()
        rename(right, customer, f"Droite {off_s}")
        chain.settle()
        assert names(chain, customer) == {f"Droite {off_s}"}


@pytest.mark.feature("E1.1")
def test_days_without_any_time_are_days_of_work_in_their_order(chain: Chain, odd: OddMachine) -> None:
    wrong, right = chain.tills
    customer, other = make(right, "Avant"), make(right, "Avant")
    chain.settle()
    chain.broker.stop()
    reboot(wrong, odd, BACK_TO_1970_S)
    rename(wrong, other, "il y a cinq jours")
    for day in range(1, 6):
        odd.set(awake_s=day * DAY_S)
        rename(wrong, customer, f"Jour {day}")
    rename(right, other, "aujourd'hui")
    assert wrong.replication()["copy"]["waiting"] == 6
    chain.start_broker()
    chain.settle()
    assert names(chain, customer) == {"Jour 5"}
    assert names(chain, other) == {"aujourd'hui"}


@pytest.mark.feature("E3.1")
def test_head_office_whose_clock_was_wrong_once_cuts_nobody_off(chain: Chain, odd: OddMachine) -> None:
    one, other = chain.tills
    reboot(chain.hub, odd, YEAR_S)
    until(lambda: all(till.replication()["link"]["online"] for till in chain.tills), "the tills to find it")
    customer = make(one, "Demain")
    chain.settle()
    reboot(chain.hub, odd, 0)
    for till in (one, other):
        till.kill()
        till.start()
    rename(one, customer, "Un")
    chain.settle()
    rename(other, customer, "Deux")
    chain.settle()
    assert names(chain, customer) == {"Deux"}
