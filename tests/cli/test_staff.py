"""`comptoir operators`: who may log in, made, changed, revoked and let in again from the command line, offline."""

import asyncio
import os
import pty
import sys
from typing import Any

import pytest

from daemon.errors import Unidentified
from tests.fakes.comptoir import Comptoir
from tests.fakes.counter import Counter


async def listed(comptoir: Comptoir, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await comptoir("operators", "list", "--json", *words)).json
    return found


async def logs_in(counter: Counter, id_: str = "", pin: str = "", badge: str = "") -> bool:
    counter.clock.at_ms += 3_600_001  # no try of before slows this one down
    try:
        if badge:
            await counter.desks.operators.log_in_by_badge(badge)
        else:
            await counter.desks.operators.log_in_by_pin(bytes.fromhex(id_), pin)  # type: ignore[arg-type]  # an id
    except Unidentified:
        return False
    return True


@pytest.mark.feature("F2.1")
async def test_an_operator_is_made_changed_revoked_and_let_in_again(counter: Counter, comptoir: Comptoir) -> None:
    made = await comptoir("operators", "add", "Karim Benali", "--pin-stdin", "--badge", "OP-7", typed="1379\n")
    assert (made.code, made.err) == (0, "Karim Benali may log in at every till that hears of it.\n")
    (karim,) = await listed(comptoir)
    assert (karim["role"], karim["pin"], karim["badge"], karim["revoked"]) == ("cashier", True, True, False)
    assert await logs_in(counter, karim["id"], "1379")
    assert await logs_in(counter, badge="op-7")
    opened = await counter.desks.operators.log_in_by_badge("OP-7")

    changed = await comptoir(
        *("operators", "edit", "karim benali", "--role", "manager", "--pin-stdin", "--no-badge", "--name", "Karim B."),
        typed="2580\n",
    )
    assert changed.code == 0, changed.err
    (karim,) = await listed(comptoir)
    assert (karim["display_name"], karim["role"], karim["badge"]) == ("Karim B.", "manager", False)
    assert not await logs_in(counter, badge="OP-7"), "a badge that was lost opens nothing"
    assert not await logs_in(counter, karim["id"], "1379")
    assert await logs_in(counter, karim["id"], "2580")

    gone = await comptoir.in_french()("operators", "revoke", "Karim B.")
    assert (gone.code, "ne s’identifie plus" in gone.err) == (0, True)
    assert not await logs_in(counter, karim["id"], "2580")
    with pytest.raises(Unidentified):
        await counter.desks.operators.actor_of(opened.token)
    assert await listed(comptoir) == []
    (karim,) = await listed(comptoir, "--all")
    assert (karim["revoked"], karim["revoked_by"]) == (True, "root" if os.getuid() == 0 else karim["revoked_by"])
    shown = await comptoir.in_french()("operators", "list", "--all")
    assert "révoqué le" in shown.out

    assert (await comptoir("operators", "restore", karim["id"])).code == 0
    assert await logs_in(counter, karim["id"], "2580")


async def test_a_badge_is_one_person_s_and_a_name_is_not_given_twice(counter: Counter, comptoir: Comptoir) -> None:
    await counter.hire("Léa", badge="OP-1")
    taken = await comptoir("operators", "add", "Max", "--badge", "op-1")
    assert (taken.code, taken.err) == (5, "comptoir: badge: another operator has this badge\n")
    assert (await comptoir("operators", "add", "lea", "--badge", "OP-2")).code == 5
    assert (await comptoir("operators", "add", "Max")).code == 1, "nobody to ask, and no way to log in"
    empty = await comptoir("operators", "add", "Max", "--pin-stdin", typed="\n")
    assert (empty.code, len(await listed(comptoir))) == (1, 1), "an empty line is no PIN"
    assert (await comptoir("operators", "edit", "Léa")).code == 1
    assert (await comptoir("operators", "revoke", "Zoé")).code == 4
    assert await logs_in(counter, badge="OP-1")
    await comptoir("operators", "revoke", "Léa")
    assert (await comptoir("operators", "add", "Max", "--badge", "OP-1")).code == 0, "she has it no more"
    assert (await comptoir("operators", "restore", "Léa")).code == 5, "it is Max's by now"
    assert (await comptoir("operators", "edit", "Léa", "--no-badge")).code == 0
    assert (await comptoir("operators", "restore", "Léa")).code == 0
    assert await logs_in(counter, badge="OP-1")


async def test_of_one_name_the_one_who_is_in_the_state_to_change_is_meant(counter: Counter, comptoir: Comptoir) -> None:
    first, _ = await counter.hire("Léa", pin="4821"), await counter.hire("Léa", pin="4822")
    assert (await comptoir("operators", "revoke", "Léa")).code == 5, "which of them?"
    assert (await comptoir("operators", "revoke", first)).code == 0
    assert (await comptoir("operators", "revoke", "Léa")).code == 0, "only one of them is left"


async def test_on_a_terminal_the_pin_is_asked_for_unseen(counter: Counter, comptoir: Comptoir) -> None:
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "daemon", "operators", "add", "Anne"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=comptoir.surroundings(TERM="dumb"),
        start_new_session=True,
    )
    os.close(theirs)
    said = await asyncio.to_thread(_answering, ours, ("4628", "4628"))
    assert await process.wait() == 0, said
    os.close(ours)
    (anne,) = await listed(comptoir)
    assert "4628" not in said
    assert await logs_in(counter, anne["id"], "4628")


def _answering(terminal: int, answers: tuple[str, ...]) -> str:
    """Type an answer at each question; returns all that was shown."""
    said, left = "", list(answers)
    while True:
        try:
            said += os.read(terminal, 1024).decode()
        except OSError:
            return said
        if left and said.rstrip(" ").endswith(":"):
            os.write(terminal, (left.pop(0) + "\n").encode())
            said += "\n"
