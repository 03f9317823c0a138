"""Keeps the databases of a small chain of this version: python -m tests.captures.releases.freeze_databases

Run once, for a release, before it is given out; what a release has written is never changed afterwards. Hub, two tills
and broker are real processes; what the API does not reach yet is written by the store itself. `till.db.gz` is a till
that was cut off at the end: some of its records are unsent. `databases.json` says what stood in them. Nobody in them
exists.
"""

import gzip
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from daemon.clock import SystemClock, random_bytes
from daemon.domain import authoring as wish
from daemon.domain.canonical import digest8
from daemon.domain.change import Actor, ActorKind, Operation
from daemon.domain.kinds import BOOK_POINTS, SHAPES, Kind
from daemon.store import authoring, elements
from daemon.store.database import Connection, open_connection, run
from daemon.store.replica import Replica
from daemon.version import VERSION
from tests.captures.releases.releases import DATABASES, FOLDER
from tests.captures.releases.standing import standing
from tests.system.processes import Api, Chain, running_chain

CUSTOMERS = 24
TAX_NUMBERS = {"siret": "73282932000074", "vat_number": "FR44732829320"}


def main() -> int:
    """Write the databases of this version and what stands in them."""
    target = FOLDER / VERSION
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="freeze-") as folder:
        kept = _lived(Path(folder))
        facts: dict[str, Any] = {}
        for role, path in kept.items():
            facts[role] = _settled(path)
            # Without a time stamp: the same file gives the same bytes.
            (target / f"{role}.db.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
    (target / DATABASES).write_text(_lines(facts), "utf-8")
    sizes = {role: (target / f"{role}.db.gz").stat().st_size for role in kept}
    sys.stdout.write(f"{sizes} in {target.relative_to(Path.cwd())}\n")
    return 0


def _lines(facts: dict[str, Any]) -> str:
    """JSON with a line for each customer."""
    text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    return re.sub(r'(,?)("[0-9a-f]{16}":\{"id")', "\\1\n\\2", text) + "\n"


def _lived(folder: Path) -> dict[str, Path]:
    """A few hours of a chain; the files of hub and first till when it ends."""
    with running_chain(folder, shops=(1, 2)) as chain:
        first, second = chain.tills
        _set_up(chain)
        made = [first.api.post("/customers", _customer(number))["customer"]["id"] for number in range(CUSTOMERS)]
        chain.settle()
        _quarrel(chain, made)
        second.stop()
        _write_all_kinds(folder / "till2" / "till.db", [bytes.fromhex(id_) for id_ in made])
        second.start()
        chain.settle()
        chain.broker.kill()
        for number in range(3):
            first.api.edit(made[number], civility="Mx")
            first.api.post(f"/customers/{made[number]}/notes", {"text": f"unsent {number}"})
        chain.stop_tills()
        chain.hub.stop()
        return {"hub": folder / "hub" / "hub.db", "till": folder / "till1" / "till.db"}


def _set_up(chain: Chain) -> None:
    api = chain.tills[0].api
    for number in (1, 2):
        _ask(chain.hub.api, "PUT", f"/shops/{number}", {"label": f"Boutique {number}"})
    api.post("/operators", {"display_name": "Anne Le Bris", "role": "manager", "pin": "2580", "badge": "OP-2580"})
    _ask(api, "PUT", "/applications", {"name": "caisse"})
    api.post("/walk-in", {"display_name": "Client de passage"})


def _customer(number: int) -> dict[str, Any]:
    person = {
        "first_name": ("Hélène", "Paul", "Zoé", "Çelik")[number % 4],
        "last_name": f"Lefèvre-{number}",
        "email": f"client{number}@example.org",
        "mobile": f"06 39 98 00 {number:02d}",
        "birthday": "1984-02-29" if number % 3 else None,
        "address": {"line1": f"{number} rue Haute", "postal_code": "44000", "city": "Nantes"},
        "cards": [f"29{number:08d}"],
        "tags": ["fidèle", f"groupe {number % 3}"],
        "notes": [{"text": "rappeler", "show_at_till": True}],
        "consents": {"sms": {"state": "granted"}, "email": {"state": "refused"}},
    }
    company = {"kind": "company", "company_name": "Dupont SARL", **TAX_NUMBERS}
    return company if number == CUSTOMERS - 1 else person


def _quarrel(chain: Chain, made: list[str]) -> None:
    """What people do to customers: values that lose, contests, blocks, cards lost, tags and notes taken away."""
    first, second = chain.tills
    chain.broker.kill()
    first.api.edit(made[0], phone="01 99 00 10 01")
    second.api.edit(made[0], phone="01 99 00 10 02")
    for till in (first, second):
        till.api.post("/customers", {"first_name": "Deux", "last_name": "Fois", "email": "deux@example.org"})
    chain.start_broker()
    chain.settle()
    first.api.edit(made[1], blocked=True, blocked_reason="chèque")
    first.api.edit(made[2], archived=True)
    first.api.edit(made[3], tags=["vip"])
    card = first.api.get(f"/customers/{made[4]}")["cards"][0]["id"]
    _ask(first.api, "PATCH", f"/customers/{made[4]}/cards/{card}", {"state": "lost"})
    note = first.api.get(f"/customers/{made[5]}")["notes"][0]["id"]
    _ask(first.api, "DELETE", f"/customers/{made[5]}/notes/{note}")
    address = {"line1": "2 rue Basse", "postal_code": "97400", "country": "RE"}
    first.api.post(f"/customers/{made[6]}/addresses", {"address": address, "main": True})
    first.api.post("/visits", {})
    chain.settle()


def _ask(api: Api, method: str, path: str, body: Any = None) -> None:
    status, answer = api.ask(method, path, body)
    assert status < 300, (method, path, status, answer)


def _write_all_kinds(path: Path, customers: list[bytes]) -> None:
    """One element at least of every kind of the table, and one customer erased."""
    conn = open_connection(path)
    try:
        replica = Replica(random_bytes(8))
        replica.reload(conn)
        actor = Actor(ActorKind.OPERATOR, "op1", "manager", 2)
        for operations in _all_kinds(conn, replica, customers):
            now_ms = SystemClock().now_ms()
            run(conn, lambda c, o=operations, n=now_ms: authoring.commit(c, replica, actor, o, now_ms=n))  # type: ignore[misc]  # run at once
    finally:
        conn.close()


def _all_kinds(conn: Connection, replica: Replica, customers: list[bytes]) -> list[list[Operation]]:
    account = digest8(b"account")
    lot = (replica.identity.site, replica.identity.lot)
    values: dict[int, dict[int, Any]] = {
        Kind.ENTRY: {1: BOOK_POINTS, 2: 120, 3: "sale", 4: "2-1"},
        Kind.RIGHT: {1: BOOK_POINTS, 2: 50, 3: "grant", 5: lot},
        Kind.EDGE: {1: customers[8]},
        Kind.MEMBERSHIP: {1: digest8(b"group")},
        Kind.WISH: {1: "SKU-1"},
        Kind.PIN_TRIES: {1: 2, 2: 1_790_000_000_000},
    }
    written = [
        [wish.add(kind, account if kind in (Kind.ENTRY, Kind.RIGHT) else customers[7], fields)]
        for kind, fields in values.items()
    ]
    written.append([wish.create(Kind.GROUP, digest8(b"group"), {1: "Fidèles"})])
    written.append([wish.create(Kind.POLICY, digest8(b"policy/x"), {1: "{}"})])
    row = elements.element(conn, (customers[9], Kind.CUSTOMER, b""))
    assert row is not None
    written.append([wish.change(row, {15: account, 900: "a field of a newer version"})])
    written.append([wish.erase(Kind.ERASE, customers[10])])
    return written


def _settled(path: Path) -> dict[str, Any]:
    """What stands in a file, once its log is in it."""
    conn = open_connection(path)
    try:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        found = standing(conn)
        conn.execute("PRAGMA journal_mode=DELETE")
    finally:
        conn.close()
    kinds = {int(kind) for kind in found["elements"]}
    # A right is held by the other till alone; nothing writes a site yet.
    missing = {int(kind) for kind in SHAPES} - kinds - {Kind.RIGHT, Kind.SITE}
    assert not missing, f"no element of the kinds {missing}"
    return found


if __name__ == "__main__":
    sys.exit(main())
