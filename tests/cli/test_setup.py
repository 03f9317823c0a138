"""`comptoir setup`: by flags, by questions on a terminal, and a second time."""

import asyncio
import os
import pty
import sys
from pathlib import Path

import pytest

from tests.fakes.comptoir import Comptoir
from tests.fakes.counter import Counter

FLAGS = (
    *("setup", "--walk-in", "Client de passage", "--shop-name", "Nantes Crébillon"),
    *("--operator", "Soizic Guéguen:manager", "--operator", "Karim Benali", "--badge", "Karim Benali:OP-7"),
    *("--pin-stdin", "--application", "caisse"),
)
PINS = "2580\n1379\n"


@pytest.mark.feature("A5.1", "F2.1", "F4.1")
async def test_a_script_sets_a_shop_up_and_a_second_time_changes_nothing(counter: Counter, comptoir: Comptoir) -> None:
    first = await comptoir(*FLAGS, typed=PINS)
    assert first.code == 0, first.err
    lines = first.out.splitlines()
    assert lines[:5] == [
        "✓ Shop 7: Nantes Crébillon",
        "✓ Walk-in customer: Client de passage",
        "✓ Operator: Soizic Guéguen, manager",
        "✓ Operator: Karim Benali, cashier",
        "✓ Till software: caisse. Its token, told this once:",
    ]
    assert first.err == "Ready to serve.\n"
    token = lines[5]
    assert (await comptoir("customers", "search", "x", COMPTOIR_TOKEN=token)).code == 4
    soizic, karim = sorted(await counter.desks.operators.operators(), key=lambda one: one.role, reverse=True)
    await counter.desks.operators.log_in_by_pin(bytes.fromhex(soizic.id), "2580")  # type: ignore[arg-type]  # an id
    opened = await counter.desks.operators.log_in_by_badge("OP-7")
    assert opened.operator.id == karim.id

    sealed = counter.replica.n
    again = await comptoir(*FLAGS, "--json", typed=PINS)
    assert counter.replica.n == sealed
    assert again.json == {
        "walk_in": "kept",
        "shop": "kept",
        "operators": [
            {"id": soizic.id, "display_name": "Soizic Guéguen", "result": "kept"},
            {"id": karim.id, "display_name": "Karim Benali", "result": "kept"},
        ],
        "application": {"name": "caisse", "result": "kept", "token": None},
        "missing": [],
    }
    assert (await comptoir("customers", "search", "x", COMPTOIR_TOKEN=token)).code == 4, "the token still holds"


@pytest.mark.feature("A5.3")
async def test_without_a_walk_in_customer_the_shop_is_not_ready(comptoir: Comptoir) -> None:
    told = await comptoir.in_french()("setup", "--no-input")
    assert told.code == 1
    assert told.out == (
        "✗ Aucun client de passage n’a été choisi pour cette boutique\u00a0: lancez `comptoir setup`.\n"
    )


async def test_an_existing_customer_becomes_the_walk_in_and_a_role_is_changed(
    counter: Counter, comptoir: Comptoir
) -> None:
    await counter.hire("Léa")
    await comptoir("customers", "create", "--last-name", "Passage", "--surface", "import")
    done = await comptoir("setup", "--walk-in-customer", "Passage", "--operator", "Léa:manager", "--json")
    assert (done.code, done.json["walk_in"], done.json["operators"][0]["result"]) == (0, "changed", "changed")
    again = await comptoir("setup", "--walk-in-customer", "Passage", "--json")
    assert again.json["walk_in"] == "kept"


async def test_the_token_goes_to_a_file_that_only_its_owner_reads(comptoir: Comptoir, tmp_path: Path) -> None:
    file = tmp_path / "token"
    made = await comptoir("setup", "--walk-in", "X", "--application", "caisse", "--token-file", file, "--json")
    assert made.json["application"] == {"name": "caisse", "result": "created", "token": None}
    assert file.stat().st_mode & 0o777 == 0o600
    token = file.read_text().strip()
    renewed = await comptoir("setup", "--application", "caisse", "--new-token", "--json")
    assert (await comptoir("customers", "search", "x", COMPTOIR_TOKEN=token)).code == 1
    fresh = renewed.json["application"]["token"]
    assert (await comptoir("customers", "search", "x", COMPTOIR_TOKEN=fresh)).code == 0


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (("--operator", "Léa:boss"), "", "operator: a role is one of cashier, manager, office"),
        (("--operator", "Léa", "--pin-stdin"), "", "1 operators are named and 0 PINs were read"),
        (("--operator", "Léa", "--badge", "Paul:7"), "", "badge: it names an operator that no --operator names"),
        (("--operator", "Léa", "--badge", "7"), "", "badge: write NAME:CODE"),
        (("--operator", "Léa", "--pin-stdin"), "12", "pin: a PIN has 4 to 12 digits"),
    ],
)
async def test_a_mistake_is_told_in_a_sentence(
    comptoir: Comptoir, words: tuple[str, ...], typed: str, said: str
) -> None:
    refused = await comptoir("setup", *words, typed=typed)
    assert (refused.code, refused.err) == (1, f"comptoir: {said}\n")


async def test_somebody_at_a_terminal_is_asked_and_no_pin_is_shown(counter: Counter, comptoir: Comptoir) -> None:
    answers = ["Nantes", "", "Léa", "2", "", "2580", "2580", "", "o", ""]
    shown = await asyncio.to_thread(at_a_terminal, comptoir.in_french(), ["setup"], answers)
    assert "Nom de cette boutique (numéro 7)\u00a0: " in shown
    assert "Nom du client de passage [Client de passage]\u00a0: " in shown
    assert "✓ Opérateur\u00a0: Léa, responsable" in shown
    assert "2580" not in shown
    assert "Prêt à servir." in shown
    (lea,) = await counter.desks.operators.operators()
    assert await counter.desks.operators.log_in_by_pin(bytes.fromhex(lea.id), "2580")  # type: ignore[arg-type]  # an id
    assert [one.name for one in await counter.desks.setting_up.applications()] == ["a owner", "caisse"]


def at_a_terminal(comptoir: Comptoir, words: list[str], answers: list[str]) -> str:
    """Run a command on a real terminal and type an answer at each question; what the screen showed."""
    pid, screen = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [sys.executable, "-P", "-m", "daemon", *words], comptoir.surroundings(TERM="dumb"))
    shown, waiting = "", list(answers)
    while True:
        try:
            piece = os.read(screen, 4096)
        except OSError:  # Linux says so when the other end has closed
            break
        if not piece:
            break
        shown += piece.decode("utf-8", "replace")
        if waiting and shown.endswith(": "):
            os.write(screen, waiting.pop(0).encode() + b"\n")
            shown += "\n"
    os.close(screen)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, shown
    return shown
