"""`comptoir customers export`: all customers, or those that a search finds, as a CSV file that imports back alike."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from daemon.cli.caller import Caller
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.progress import shown
from daemon.cli.words import _, counted, spoken
from daemon.domain.customer_draft import CustomerDraft
from daemon.domain.customer_sheet import write_customers
from daemon.errors import StoreFault

PAGE: Final = 200
_PLAIN: Final = (
    "kind",
    "civility",
    "first_name",
    "last_name",
    "company_name",
    "siret",
    "vat_number",
    "code",
    "email",
    "mobile",
    "phone",
    "birthday",
    "language",
    "member_number",
)


def run(at: Invocation) -> int:
    """Write the file; the walk-in customers are nobody and stay out."""
    written = 0
    with (
        at.daemon() as daemon,
        shown(at.terminal, _("Exporting")) as bar,
        _target(at.given.file) as file,
    ):
        found = _found(daemon, at.given.search) if at.given.search else _all(daemon)

        def counting() -> Iterator[Any]:
            nonlocal written
            for customer, total in found:
                if not customer["walk_in"]:
                    written += 1
                    yield customer
                bar.to(written, total)

        for piece in _pieces(counting(), at.given.format, at.given.language or spoken()):
            file.write(piece)
    if at.terminal.as_json and at.given.file != "-":
        at.terminal.answer({"file": at.given.file, "customers": written})
    else:
        at.terminal.note(counted("{n} customer exported", "{n} customers exported", written), "green")
    return Exit.OK


def draft_of(customer: Any) -> CustomerDraft:
    """A customer of the API as a line of a file."""
    found: dict[str, Any] = {name: customer[name] for name in _PLAIN if customer[name]}
    if customer["address"]:
        found["address"] = {name: text for name, text in customer["address"].items() if text}
    if customer["tags"]:
        found["tags"] = list(customer["tags"])
    cards = [card["number"] for card in customer["cards"] if card["state"] == "active"]
    if cards:
        found["cards"] = cards
    notes = [note["text"] for note in customer["notes"] if not note["done"]]
    if notes:
        found["note"] = "\n".join(notes)
    consents = {name: said["state"] for name, said in customer["consents"].items() if said["state"] != "unknown"}
    if consents:
        found["consents"] = consents
    return cast("CustomerDraft", found)


def _pieces(customers: Iterator[Any], format_: str, language: str) -> Iterator[bytes]:
    if format_ == "jsonl":
        return (json.dumps(customer, ensure_ascii=False).encode() + b"\n" for customer in customers)
    return write_customers((draft_of(customer) for customer in customers), language)


def _all(daemon: Caller) -> Iterator[tuple[Any, int]]:
    """(customer, how many there are) of the whole base, page by page in the order of ids."""
    after = ""
    while True:
        page = daemon.get("/register", after=after, limit=PAGE)
        for customer in page["customers"]:
            yield customer, page["total"]
        after = page["next"]
        if not after:
            return


def _found(daemon: Caller, words: str) -> Iterator[tuple[Any, int]]:
    hits = daemon.get("/customers", q=words, limit=PAGE, almost=0)["hits"]
    for hit in hits:
        yield daemon.get(f"/customers/{hit['customer']['id']}"), len(hits)


@contextmanager
def _target(name: str) -> Iterator[BinaryIO]:
    """Where to write: standard output, or a file that only its owner reads, there as a whole or not at all."""
    if name == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(name)
    draft = path.with_name(f".{path.name}.draft")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file
        draft.replace(path)
    except OSError as failure:
        raise StoreFault(f"{name} could not be written: {failure.strerror}") from failure
    finally:
        draft.unlink(missing_ok=True)
