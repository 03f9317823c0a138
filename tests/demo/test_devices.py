"""What stands beside a till: what the printer cuts falls into a folder, numbered."""

import asyncio
from pathlib import Path

import pytest

from daemon.clock import SystemClock
from daemon.demo import devices
from daemon.demo.devices import plugged_in
from daemon.demo.places import claim, places

CUT = b"\x1b@Bonjour\n\x1dV\x00"


async def test_what_is_printed_falls_into_the_folder_numbered_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "ROWS_PER_S", None)
    found = places(tmp_path)
    claim(found, fresh=False)
    place = found.tills[0]
    (place.badges / "0001.png").touch()
    printed = asyncio.Queue[tuple[str, Path]]()
    async with asyncio.timeout(10), plugged_in(place, SystemClock(), lambda *told: printed.put_nowait(told)) as beside:
        _, writer = await asyncio.open_connection("127.0.0.1", beside.printer.port)
        writer.write(CUT)
        assert await printed.get() == ("caisse-1", place.badges / "0002.png")
        writer.close()
    assert (place.badges / "0002.png").read_bytes().startswith(b"\x89PNG")


async def test_the_scanner_is_plugged_in_for_the_block(tmp_path: Path) -> None:
    found = places(tmp_path)
    claim(found, fresh=False)
    place = found.tills[0]
    async with plugged_in(place, SystemClock(), lambda *_: None):
        assert place.scanner.is_char_device()
    assert not place.scanner.exists()
