"""`comptoir doctor`: healthy, sick, stopped and running."""

import asyncio
import re
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.comptoir import Ended
from tests.fakes.head_office import Site, copied_chain, running, till_in


@pytest.fixture
def sites(chain: Path, tmp_path: Path) -> tuple[Site, Site]:
    return copied_chain(chain, tmp_path)


@pytest.fixture
def hub(sites: tuple[Site, Site]) -> Site:
    return sites[0]


@pytest.fixture
def till(sites: tuple[Site, Site]) -> Site:
    return sites[1]


def states(ended: Ended) -> dict[str, str]:
    return {check["name"]: check["state"] for check in ended.json["checks"]}


@pytest.mark.feature("F4.1")
async def test_a_stopped_till_is_examined_and_each_finding_has_its_gesture(till: Site) -> None:
    examined = await till.comptoir("doctor", "--config", till.config, "--json")
    assert (examined.code, examined.json["ok"]) == (0, True)
    found = states(examined)
    assert {name: found[name] for name in ("config", "permissions", "sqlite", "enrolment", "certificate")} == {
        "config": "ok",
        "permissions": "ok",
        "sqlite": "ok",
        "enrolment": "ok",
        "certificate": "ok",
    }
    assert (found["database"], found["quarantine"], found["broker"], found["daemon"]) == (
        "ok",
        "ok",
        "warning",
        "warning",
    )
    for check in examined.json["checks"]:
        assert set(check) == {"name", "state", "sentence", "gesture"}
        assert check["state"] == "ok" or check["gesture"]
    french = await till.comptoir.in_french()("doctor", "--quick", "--config", till.config)
    assert f"✓ configuration {till.config}\n" in french.out
    assert "✓ inscrite\u00a0: caisse 2, boutique 1, chaîne essai\n" in french.out
    assert "! le service ne tourne pas\n  → sudo systemctl start comptoir-till\n" in french.out
    assert re.search(r"^\d+ vérifications · \d à surveiller\n$", french.err)


async def test_a_running_till_that_lacks_its_walk_in_customer_is_not_well(till: Site) -> None:
    async with running(till, "till"):
        examined = await till.comptoir("doctor", "--config", till.config)
        assert examined.code == 1
        assert "✓ the daemon runs, version " in examined.out
        assert "✗ No walk-in customer was chosen for this shop: run `comptoir setup`.\n  → sudo comptoir setup\n" in (
            examined.out
        )
        await till.comptoir("setup", "--walk-in", "X", "--config", till.config)
        waiting = await till.comptoir("doctor", "--config", till.config, "--json")
        assert (waiting.code, states(waiting)["replication"]) == (0, "warning")


async def test_a_flipped_bit_is_found(till: Site) -> None:
    async with running(till, "till"):
        await till.comptoir("setup", "--walk-in", "X", "--config", till.config)
    spoil(till, "CAST(substr(body, 1, length(body) - 1) || x'00' AS BLOB)")
    examined = await till.comptoir("doctor", "--config", till.config)
    assert examined.code == 1
    assert "✗ 1 stored rows differ from their hashes\n" in examined.out
    spoil(till, "CAST(x'fffe' AS TEXT)")
    unreadable = await till.comptoir("doctor", "--config", till.config)
    assert "✗ 1 stored rows differ from their hashes\n" in unreadable.out
    quick = await till.comptoir("doctor", "--quick", "--config", till.config, "--json")
    assert states(quick)["database"] == "skipped"


def spoil(till: Site, body: str) -> None:
    """Change the stored customer behind the program's back."""
    with closing(sqlite3.connect(till.state / "till.db")) as conn:
        conn.execute(f"UPDATE element SET body = {body} WHERE kind = 1")
        conn.commit()


async def test_a_balance_that_is_not_the_sum_of_its_entries_is_found(hub: Site, till: Site) -> None:
    for site, file in ((till, "till.db"), (hub, "hub.db")):
        with closing(sqlite3.connect(site.state / file)) as conn:
            conn.execute(
                "INSERT INTO balance (account, book, holder, amount, entries) VALUES (x'0000000009', 1, x'', 7, 1)"
            )
            conn.commit()
        examined = await site.comptoir("doctor", "--config", site.config)
        assert examined.code == 1
        assert (
            "✗ 1 balances are not the sum of their entries\n"
            "  → leave it running: it counts them again; call for help if it is the same tomorrow\n"
        ) in examined.out
        french = await site.comptoir.in_french()("doctor", "--config", site.config)
        assert "il les recompte" in french.out


async def test_what_everybody_may_read_or_nobody_can_is_told(till: Site) -> None:
    till.config.chmod(0o644)
    told = await till.comptoir("doctor", "--quick", "--config", till.config, "--json")
    assert (told.code, states(told)["permissions"]) == (0, "warning")
    till.config.chmod(0o640)
    till.state.chmod(0o755)
    told = await till.comptoir("doctor", "--quick", "--config", till.config, "--json")
    assert (told.code, states(told)["permissions"]) == (1, "failed")
    assert told.json["checks"][1]["gesture"] == f"sudo chmod o-rwx {till.state}"
    till.state.chmod(0o700)
    (till.state / "enrolment.toml").write_text("nonsense")
    told = await till.comptoir("doctor", "--quick", "--config", till.config, "--json")
    assert states(told)["enrolment"] == "failed"


async def test_a_wrong_configuration_ends_the_examination_with_its_key(tmp_path: Path) -> None:
    till = till_in(tmp_path)
    till.config.write_text(till.config.read_text().replace("port = 0", 'port = "x"'))
    told = await till.comptoir.in_french()("doctor", "--config", till.config)
    assert told.code == 1
    assert told.out == (
        f"✗ till.toml\u00a0: http.port\u00a0: `int` est attendu, et non `str`\n  → corriger {till.config}\n"
    )
    fresh = till_in(tmp_path, "fresh")
    told = await fresh.comptoir("doctor", "--config", fresh.config, "--json")
    assert (told.code, states(told)["permissions"]) == (1, "failed")


async def test_head_office_is_examined_with_its_keys_and_backups(hub: Site) -> None:
    examined = await hub.comptoir("doctor", "--config", hub.config, "--json")
    found = states(examined)
    assert {name for name in found if name.startswith("certificate")} == {
        f"certificate {name}.pem" for name in ("authority", "server", "broker", "hub")
    }
    assert (found["backup"], found["broker"]) == ("warning", "failed")
    await hub.comptoir("hub", "backup", "--config", hub.config)
    assert states(await hub.comptoir("doctor", "--config", hub.config, "--json"))["backup"] == "ok"
    (hub.state / "keys" / "server.pem").unlink()
    assert states(await hub.comptoir("doctor", "--config", hub.config, "--json"))["certificate server.pem"] == "failed"


async def test_a_broker_that_lets_the_till_in_is_told_from_one_that_does_not(till: Site) -> None:
    async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        plain = f'[link]\nhost = "127.0.0.1"\nport = {port}\ntls = false\n'
        text = till.config.read_text()
        till.config.write_text(text + plain)
        told = await till.comptoir("doctor", "--quick", "--config", till.config)
        assert f"✓ broker 127.0.0.1:{port} reached, without TLS\n" in told.out
        till.config.write_text(text + plain.replace("tls = false", "tls = true"))
        told = await till.comptoir("doctor", "--quick", "--config", till.config)
        assert f"! the broker 127.0.0.1:{port} does not let this machine in: " in told.out


async def test_something_else_on_the_socket_is_told(till: Site) -> None:
    path = till.state / "comptoir.sock"
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))  # nobody listens: as after a kill
        told = await till.comptoir("doctor", "--quick", "--config", till.config, "--json")
    assert states(told)["daemon"] == "warning"
