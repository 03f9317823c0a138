import builtins
import sys
from typing import Any

import pytest

from daemon.drivers import pcsc
from daemon.errors import DeviceFault


def without_pyscard(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *more: Any) -> Any:
        if name.partition(".")[0] == "smartcard":
            raise ImportError(name)
        return real(name, *more)

    monkeypatch.setattr(builtins, "__import__", refuse)


async def test_without_its_library_one_sentence_names_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    without_pyscard(monkeypatch)
    path = list(sys.path)
    with pytest.raises(DeviceFault) as fault:
        async with pcsc.open_terminal("ACS"):
            pass
    assert str(fault.value) == pcsc.NOT_INSTALLED
    assert "apt-get install pcscd python3-pyscard" in str(fault.value)
    with pytest.raises(DeviceFault, match="is missing"):
        pcsc.reader_names()
    assert sys.path == path


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (0x8010001D - 2**32, "pcscd does not run"),
        (0x8010006A - 2**32, "polkit has no rule"),
        (0x8010000B - 2**32, "in use by another program"),
        (0x80100017 - 2**32, r"failed \(error 80100017\)"),
    ],
)
async def test_an_error_of_pcsc_is_one_sentence(code: int, sentence: str) -> None:
    terminal = pcsc.PcscTerminal("ACS")
    with pytest.raises(DeviceFault, match=sentence):
        terminal._check(code)
    terminal.close()
