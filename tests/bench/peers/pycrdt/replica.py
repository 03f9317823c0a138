"""pycrdt (Yrs, the Rust port of Yjs): one document, a map of maps.

One document for all: an update since a state vector holds what all 20 000 edits changed, once; a document per customer
would send a state vector and an update 20 000 times. A transaction per edit, as each is a user action. Garbage
collection stays on, as it is by default. Each update is appended to a file, as pycrdt-store does.
"""

import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pycrdt  # type: ignore[import-not-found]  # lives in an environment of its own

from tests.bench.peers.replay import Upload, customers, keep, run_till


class YrsReplica:
    def __init__(self, where: Path, who: int) -> None:
        self.where, self.who = where, who
        self.doc = pycrdt.Doc()
        self.doc.apply_update((where / "base").read_bytes())
        self.customers = self.doc.get("customers", type=pycrdt.Map)
        self.known = self.doc.get_state()
        self.emails: list[tuple[str, str]] = []

    def edit(self, edit: dict[str, Any]) -> None:
        self.customers[edit["customer"]][edit["field"]] = edit["value"]
        if edit["field"] == "email":
            self.emails.append((edit["customer"], edit["value"]))

    def offline_day_ends(self) -> None:
        pass

    def exchange(self, line: Upload) -> None:
        line.send([self.doc.get_update(self.known)])
        for raw in line.receive(str(5 - self.who)):
            self.doc.apply_update(raw)
            keep(self.where / f"log.{self.who}", raw)

    def states(self) -> Iterator[dict[str, Any]]:
        everything = self.doc.get_update()
        history: dict[str, dict[str, list[str]]] = {}
        for customer, email in self.emails:
            # No call reads a history; a replaced text that is still in the whole update would at least not be gone.
            if email.encode() in everything:
                history.setdefault(customer, {}).setdefault("email", []).append(email)
        for customer in self.customers:
            fields = self.customers[customer].to_py()
            yield {"customer": customer, "fields": fields, "conflicts": {}, "history": history.get(customer, {})}

    def facts(self) -> dict[str, Any]:
        return {"version": version("pycrdt")}


def seed(workload: Path, where: Path) -> None:
    doc = pycrdt.Doc()
    root = doc.get("customers", type=pycrdt.Map)
    with doc.transaction():
        for customer, fields in customers(workload):
            root[customer] = pycrdt.Map(fields)
    (where / "base").write_bytes(doc.get_update())


if __name__ == "__main__":
    step, workload, where = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if step == "seed":
        seed(workload, where)
    else:
        till = int(sys.argv[4])
        run_till(YrsReplica(where, till), workload, where, till)
