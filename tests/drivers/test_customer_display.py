import asyncio
import os

import pytest

from daemon.drivers.customer_display import Cd5220, frame
from daemon.drivers.printer_lines import SerialPrinterLine
from daemon.drivers.serial_port import SerialLine
from daemon.errors import DeviceAbsent


@pytest.mark.feature("D6.1")
def test_two_lines_are_the_bytes_of_the_manual() -> None:
    data, missing = frame("Bonjour Hélène", "12,90\u00a0€".rjust(20), "cp858")
    upper = b"\x1bQABonjour H\x82l\x8ane      \r"
    lower = b"\x1bQB             12,90\xff\xd5\r"
    assert data == b"\x1b@\x1bt\x13" + upper + lower
    assert missing == ()


def test_letters_that_a_display_has_not_are_replaced_and_told() -> None:
    data, missing = frame("Bonjour Zoé œ", "5 €", "cp437")
    assert b"Zo\x82 oe" in data
    assert b"5 EUR" in data
    assert missing == ("œ", "€")


def test_a_long_line_is_cut_at_twenty_letters() -> None:
    data, _ = frame("x" * 30, "", "wpc1252")
    assert b"\x1bQA" + b"x" * 20 + b"\r\x1bQB" + b" " * 20 + b"\r" in data


@pytest.mark.feature("D6.1")
async def test_a_display_on_a_serial_line_is_sent_every_byte() -> None:
    master, slave = os.openpty()
    display = Cd5220(name="customer", line=SerialPrinterLine(line=SerialLine(path=os.ttyname(slave))), settle_s=0.05)
    assert await display.show("Bonjour", "") == ()
    assert await asyncio.to_thread(os.read, master, 200) == frame("Bonjour", "", "cp858")[0]
    os.close(master)
    os.close(slave)
    with pytest.raises(DeviceAbsent):
        await display.show("Bonjour", "")
