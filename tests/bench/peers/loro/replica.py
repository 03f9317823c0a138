"""Loro: one document, a map of maps.

One document for all: Loro's sync unit is the document, its column encoding pays off over many operations, and a version
vector names in a few bytes what the other lacks; a document per customer would send header and vector 20 000 times.
A commit per edit, as each is a user action. Peer ids are random, as its documentation demands. Each update is appended
to a file, the documentation's way of keeping a document up to date on a disk.
"""

import json
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import loro  # type: ignore[import-not-found]  # lives in an environment of its own

from tests.bench.peers.replay import Upload, customers, keep, run_till


class LoroReplica:
    def __init__(self, where: Path, who: int) -> None:
        self.where, self.who = where, who
        self.doc = loro.LoroDoc()
        self.doc.import_((where / "base").read_bytes())
        self.customers = self.doc.get_map("customers")
        self.known = self.doc.oplog_vv

    def edit(self, edit: dict[str, Any]) -> None:
        self.customers.get(edit["customer"]).container.insert(edit["field"], edit["value"])
        self.doc.commit()

    def offline_day_ends(self) -> None:
        pass

    def exchange(self, line: Upload) -> None:
        line.send([self.doc.export(loro.ExportMode.Updates(self.known))])
        for raw in line.receive(str(5 - self.who)):
            self.doc.import_(raw)
            keep(self.where / f"log.{self.who}", raw)

    def states(self) -> Iterator[dict[str, Any]]:
        history = self._history()
        for customer, fields in self.doc.get_deep_value()["customers"].items():
            yield {"customer": customer, "fields": fields, "conflicts": {}, "history": history.get(customer, {})}

    @property
    def _rows(self) -> Iterator[tuple[str, Any]]:
        for customer in self.customers.keys():  # noqa: SIM118  # it has no iterator of its own
            yield customer, self.customers.get(customer).container.id

    def facts(self) -> dict[str, Any]:
        return {"version": version("loro")}

    def _history(self) -> dict[str, dict[str, list[Any]]]:
        """All values that the operations since the base set, by customer and field: nothing names a conflict."""
        customer_of = {(row.counter, row.peer): customer for customer, row in self._rows}
        found: dict[str, dict[str, list[Any]]] = {}
        log = json.loads(self.doc.export_json_updates(self.known, self.doc.oplog_vv))
        for op in (op for change in log["changes"] for op in change["ops"]):
            counter, peer = op["container"].removeprefix("cid:").removesuffix(":Map").split("@")
            customer = customer_of[int(counter), int(log["peers"][int(peer)])]
            found.setdefault(customer, {}).setdefault(op["content"]["key"], []).append(op["content"]["value"])
        return found


def seed(workload: Path, where: Path) -> None:
    doc = loro.LoroDoc()
    root = doc.get_map("customers")
    for customer, fields in customers(workload):
        row = root.insert_container(customer, loro.LoroMap())
        for name, value in fields.items():
            row.insert(name, value)
    doc.commit()
    (where / "base").write_bytes(doc.export(loro.ExportMode.Snapshot()))


if __name__ == "__main__":
    step, workload, where = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if step == "seed":
        seed(workload, where)
    else:
        till = int(sys.argv[4])
        run_till(LoroReplica(where, till), workload, where, till)
