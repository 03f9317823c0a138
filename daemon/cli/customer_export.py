"""`comptoir customers export`: all or a selection, as CSV or XLSX that imports back alike; `held`: all about one."""

import http.client
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from daemon.cli.caller import ROOT, Caller, refusal_of
from daemon.cli.customers import find
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.progress import shown
from daemon.cli.words import _, counted, spoken
from daemon.domain.customer_draft import CustomerDraft
from daemon.domain.customer_sheet import write_customers, write_workbook
from daemon.errors import StoreFault

PAGE: Final = 50
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
    format_ = at.given.format or (Path(at.given.file).suffix.lower().removeprefix(".") or "csv")
    with (
        at.daemon() as daemon,
        shown(at.terminal, _("Exporting")) as bar,
        _target(at.given.file) as file,
    ):

        def counting() -> Iterator[_Found]:
            nonlocal written
            for found, done, total in _selected(daemon, _selection(at)):
                if not found[0]["walk_in"]:
                    written += 1
                    yield found
                bar.to(done, total)

        for piece in _pieces(counting(), format_, at.given.language or spoken()):
            file.write(piece)
    if at.terminal.as_json and at.given.file != "-":
        at.terminal.answer({"file": at.given.file, "customers": written})
    else:
        at.terminal.note(counted("{n} customer exported", "{n} customers exported", written), "green")
    return Exit.OK


def held(at: Invocation) -> int:
    """Write all that is held on one customer: a PDF to hand over, or JSON."""
    with at.daemon() as daemon, _target(at.given.file) as file:
        id_ = find(at, daemon, at.given.who)
        if at.given.file.lower().endswith(".pdf"):
            language = at.given.language or spoken()
            status, raw = daemon.raw(f"{ROOT}/customers/{id_}/held.pdf?language={language}")
            if status != http.client.OK:
                raise refusal_of(status, json.loads(raw))
            file.write(raw)
        else:
            file.write(json.dumps(daemon.get(f"/customers/{id_}/held"), ensure_ascii=False, indent=2).encode() + b"\n")
    return Exit.OK


def _selection(at: Invocation) -> dict[str, str | int]:
    """Who is wanted, as the register is asked."""
    said = {"q": at.given.search or "", "tag": at.given.tag, "group": at.given.group}
    wanted: dict[str, str | int] = {name: text for name, text in said.items() if text}
    return wanted | ({"archived": 0} if at.given.without_archived else {})


def draft_of(customer: Any, groups: Sequence[str] = ()) -> CustomerDraft:
    """A customer of the API, and what the groups are called, as a line of a file."""
    found: dict[str, Any] = {name: customer[name] for name in _PLAIN if customer[name]}
    found |= {"groups": list(groups)} if groups else {}
    found |= {"bad_address": True} if customer["bad_address"] else {}
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
    told = {name: said["state"] for name, said in customer["consents"].items()}
    consents = {name: state for name, state in told.items() if state in {"granted", "refused"}}
    if consents:
        found["consents"] = consents
    return cast("CustomerDraft", found)


_Found = tuple[Any, Sequence[str]]
"""A customer of the API, and what the groups are called."""


def _pieces(found: Iterator[_Found], format_: str, language: str) -> Iterator[bytes]:
    if format_ == "jsonl":
        return (json.dumps(customer, ensure_ascii=False).encode() + b"\n" for customer, _ in found)
    drafts = (draft_of(customer, groups) for customer, groups in found)
    return iter((write_workbook(drafts, language),)) if format_ == "xlsx" else write_customers(drafts, language)


def _selected(daemon: Caller, wanted: dict[str, str | int]) -> Iterator[tuple[_Found, int, int]]:
    """(who was found, how many were gone through, of how many), page by page in the order of ids."""
    after, done, total = "", 0, 0
    while True:
        page = daemon.get("/register", after=after, limit=PAGE, **wanted)
        total = page["total"] if page["total"] is not None else total
        for customer in page["customers"]:
            yield (customer, page["groups"].get(customer["id"], ())), done, total
        done += PAGE
        after = page["next"]
        if not after:
            return


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
