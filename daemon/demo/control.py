"""`comptoir demo tap|cut|heal|…`: has a running demo do something, and tells what it says of it."""

import json
import socket
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TextIO

from daemon.demo.places import CONTROL_SOCKET
from daemon.demo.status_table import rows_drawn
from daemon.demo.words import Said, Speech
from daemon.errors import NotRunning, OperatorMistake

ANSWER_S_MAX: Final = 120.0


def command(given: Namespace, out: TextIO, speech: Speech) -> int:
    """Have a running demo do what was typed, and tell what it says; raises NotRunning, Refused."""
    wish = {name: value for name in ("name", "code", "silent") if (value := getattr(given, name, None))}
    rows: list[dict[str, Any]] = []
    for one in _answers(Path(given.directory), {"do": given.do, **wish}, speech):
        if given.json:
            out.write(json.dumps({"said": one.key, **one.facts}, ensure_ascii=False) + "\n")
        elif one.key == "row":
            rows.append(dict(one.facts))
        else:
            out.write(speech.of(one) + "\n")
        out.flush()
    if rows:
        out.write(rows_drawn(rows, speech))
    return 0


def _answers(directory: Path, asked: dict[str, Any], speech: Speech) -> Iterator[Said]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(ANSWER_S_MAX)
        try:
            line.connect(str(directory / CONTROL_SOCKET))
        except OSError as absent:
            raise NotRunning(speech("no_demo", directory=str(directory.absolute()))) from absent
        line.sendall(json.dumps(asked).encode() + b"\n")
        with line.makefile("rb") as answers:
            try:
                yield from (_said(json.loads(answer), speech) for answer in answers)
            except (OSError, ValueError) as lost:
                raise NotRunning(speech("demo_hung_up")) from lost


def _said(answer: dict[str, Any], speech: Speech) -> Said:
    """What the demo says; raises OperatorMistake where it refuses, in the language of whoever asked."""
    if "refused" in answer:
        raise OperatorMistake(speech(answer["refused"], **answer["facts"]))
    return Said(key=answer["said"], facts=answer["facts"])
