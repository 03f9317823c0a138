"""The first screen of the demo: where to look, who one is, five things to try."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from daemon.demo.chain import CHAIN_NAME, OPERATORS, SHOPS
from daemon.demo.grammar import DIRECTORY
from daemon.demo.guests import guests
from daemon.demo.running import RunningChain
from daemon.demo.screen import Screen

_INDENT: Final = "  "


def first_screen(chain: RunningChain, screen: Screen, *, directory: Path) -> Iterator[str]:
    """Its lines."""
    speech = screen.speech
    yield ""
    yield screen.styled(
        speech("title", chain=CHAIN_NAME, customers=chain.filled.customers, shops=len(SHOPS), tills=len(chain.tills)),
        "bold",
    )
    yield ""
    yield from _pages(chain, screen)
    yield ""
    yield from _operators(screen)
    yield ""
    yield screen.styled(speech("five"), "bold")
    yield ""
    yield from _five(chain, screen, asked(directory))
    yield speech("status_hint", command=f"{asked(directory)} status")
    yield speech("files", directory=str(directory))
    yield speech("ctrl_c")
    yield ""


def _pages(chain: RunningChain, screen: Screen) -> Iterator[str]:
    yield screen.styled(screen.speech("pages"), "bold")
    yield ""
    for till in chain.tills.values():
        yield f"{_INDENT}{till.place.name:10}{till.place.shop.name:20}{till.address}"
    yield f"{_INDENT}{chain.hub.place.name:10}{screen.speech('head_office'):20}{chain.hub.address}"


def _operators(screen: Screen) -> Iterator[str]:
    yield screen.styled(screen.speech("operators"), "bold")
    yield ""
    for one in OPERATORS:
        yield f"{_INDENT}{one.name:20}PIN {one.pin}   {screen.speech(f'role_{one.role}')}"


def _five(chain: RunningChain, screen: Screen, program: str) -> Iterator[str]:
    first, second, *_ = names = list(chain.tills)
    guest = guests(1)[0]
    things: tuple[tuple[str, tuple[str, ...], dict[str, str]], ...] = (
        ("try_tap", (f"tap {first} {guest.code}",), {"first": guest.first_name, "till": first}),
        ("try_cut", (f"cut {first}", f"heal {first}"), {"other": names[-1]}),
        ("try_conflict", ("conflict",), {}),
        ("try_badge", (f"badge {first}", f"paper-out {first}", f"paper-in {first}"), {}),
        ("try_kill", (f"kill {second}",), {}),
    )
    for number, (key, commands, facts) in enumerate(things, start=1):
        title = f"{number}  {screen.speech(key)}"
        yield f"{_INDENT}{title:26}{program} {commands[0]}"
        for command in commands[1:]:
            yield f"{_INDENT}{'':26}{program} {command}"
        yield screen.styled(f"{_INDENT}{'':26}{screen.speech(f'{key}_more', **facts)}", "dim")
        yield ""


def asked(directory: Path) -> str:
    """How the demo is spoken to from here: as short as it can be typed, and no shorter."""
    where = "" if directory == DIRECTORY else f" --directory {directory}"
    script = Path(sys.executable).with_name("comptoir")
    found = shutil.which("comptoir")
    if found is not None and Path(found).samefile(script):
        return f"comptoir demo{where}"
    if script.exists():
        return f"{os.path.relpath(script)} demo{where}"
    return f"{os.path.relpath(sys.executable)} -P -m daemon demo{where}"
