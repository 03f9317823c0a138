"""SQLite's session extension, through apsw: one table, a row per customer, a column per field.

A changeset holds the changed columns of a row with their old values, so that a clash is seen per column, and an edit of
one field does not clash with an edit of another. A patchset would be half as long and see no clash. The extension knows
no time: its conflict handler is given both values and must answer REPLACE or OMIT. So that both files end equal, the
rule must be the same whichever side applies: the higher site wins, as when its changes reach a head office last.
(A stamp column per field with a handler that compares them is what an application would add; it would then own the
rule, and its clocks.) A transaction per edit, without waiting for the disk; the merge is one, with FULL.
"""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw  # type: ignore[import-not-found]  # lives in an environment of its own

from tests.bench.peers.replay import Upload, customers, run_till


class SessionReplica:
    def __init__(self, where: Path, who: int) -> None:
        self.who = who
        shutil.copy(where / "base.db", where / f"{who}.db")
        self.conn = apsw.Connection(str(where / f"{who}.db"))
        self.conn.execute("PRAGMA journal_mode=WAL")
        self.conn.execute("PRAGMA synchronous=NORMAL")
        self.session = apsw.Session(self.conn, "main")
        self.session.attach("customer")

    def edit(self, edit: dict[str, Any]) -> None:
        self.conn.execute(
            f"UPDATE customer SET {edit['field']} = ? WHERE id = ?",
            (json.dumps(edit["value"], ensure_ascii=False), bytes.fromhex(edit["customer"])),
        )

    def offline_day_ends(self) -> None:
        self.conn.execute("PRAGMA synchronous=FULL")

    def exchange(self, line: Upload) -> None:
        line.send([self.session.changeset()])
        self.session.close()
        other = 5 - self.who
        answer = apsw.SQLITE_CHANGESET_REPLACE if other > self.who else apsw.SQLITE_CHANGESET_OMIT
        for raw in line.receive(str(other)):
            apsw.Changeset.apply(raw, self.conn, conflict=lambda _reason, _change: answer)

    def states(self) -> Iterator[dict[str, Any]]:
        cursor = self.conn.execute("SELECT * FROM customer")
        names = [name for name, _ in cursor.get_description()][1:]
        for ident, *values in cursor:
            fields = dict(zip(names, map(json.loads, values), strict=True))
            yield {"customer": ident.hex(), "fields": fields, "conflicts": {}, "history": {}}

    def facts(self) -> dict[str, Any]:
        return {"version": f"{apsw.sqlite_lib_version()} (apsw {apsw.apsw_version()})"}


def seed(workload: Path, where: Path) -> None:
    conn = apsw.Connection(str(where / "base.db"))
    with conn:
        names: list[str] = []
        for customer, fields in customers(workload):
            if not names:
                names = list(fields)
                conn.execute(f"CREATE TABLE customer (id BLOB PRIMARY KEY, {', '.join(names)}) WITHOUT ROWID")
            values = [json.dumps(fields[name], ensure_ascii=False) for name in names]
            marks = ", ".join("?" * (len(names) + 1))
            conn.execute(f"INSERT INTO customer VALUES ({marks})", (bytes.fromhex(customer), *values))
    conn.close()


if __name__ == "__main__":
    step, workload, where = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if step == "seed":
        seed(workload, where)
    else:
        till = int(sys.argv[4])
        run_till(SessionReplica(where, till), workload, where, till)
