"""Till software that never gives up: each client asks one daemon for changes, retries what was not answered, and
writes down what it was told."""

import http.client
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.blackbox.money import Cashier, Ledger
from tests.fakes.chance import Random
from tests.system.processes import Api

OWN_FIELDS = ("civility", "company_name", "language")
"""One for each till: nobody else edits it, so its last answered value must stand at the end."""

SHARED_FIELD = "last_name"
"""Everybody edits it."""

ANSWER_LOST = 0.1
"""How likely a client hears nothing of what was done for it, though nobody was killed."""

HOT = 5
"""The first customers, whom everybody edits all the time."""


@dataclass
class Values:
    """What one client wrote to one field of one customer, in its order; how far it was answered."""

    written: list[str] = field(default_factory=list)
    answered: int = 0
    """How many of them, counted from the first, an answer makes certain."""

    def possible(self) -> set[str]:
        """The last one that was answered, and what was asked for after it and may have happened."""
        return set(self.written[max(self.answered - 1, 0) :])


@dataclass
class Told:
    """What the daemons told their clients to be saved."""

    created: dict[str, str] = field(default_factory=dict)
    """Id by e-mail."""
    notes: list[tuple[str, str]] = field(default_factory=list)
    """(customer, text)."""
    values: dict[tuple[str, str, str], Values] = field(default_factory=dict)
    """By (client, customer, field)."""
    customers: list[str] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    counts: Counter[str] = field(default_factory=Counter)
    oddities: list[str] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        """Changes that a client was told to be saved."""
        return sum(self.counts[name] for name in ("created", "noted", "edited", "given", "sold"))


@dataclass
class Client:
    """One till software (or the office), asking until it is told to stop."""

    name: str
    api: Api
    own_field: str | None
    told: Told
    chance: Random
    pause_s_max: float = 0.12
    thread: threading.Thread | None = None

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._count = 0
        told, sells = self.told, self.own_field is not None
        self._cashier = Cashier(self.name, self._insist, told.ledger, self.chance, told.counts, sells)

    def start(self) -> None:
        """Begin to ask."""
        self.thread = threading.Thread(target=self._work, name=self.name, daemon=True)
        self.thread.start()

    def tell_to_stop(self) -> None:
        """Begin nothing more."""
        self._stop.set()

    def finish(self, patience_s: float = 90) -> None:
        """Stop once what was begun is answered; every daemon must run for that."""
        self.tell_to_stop()
        assert self.thread is not None
        self.thread.join(patience_s)
        assert not self.thread.is_alive(), f"{self.name} still waits for an answer"

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                self._act()
            except AssertionError as odd:
                self.told.oddities.append(f"{self.name}: {odd}")
            time.sleep(self.chance.random() * self.pause_s_max)

    def _act(self) -> None:
        self._count += 1
        dice = self.chance.random()
        if dice < 0.25 or len(self.told.customers) < HOT:
            self._create()
        elif dice < 0.45:
            self._note(self._somebody())
        elif dice < 0.7:
            self._cashier.act(self._somebody(), self._count)
        else:
            fields = [SHARED_FIELD] if self.own_field is None else [SHARED_FIELD, self.own_field, self.own_field]
            self._edit(self._somebody(), self.chance.choice(fields))

    def _somebody(self) -> str:
        known = self.told.customers
        return self.chance.choice(known[:HOT] if self.chance.random() < 0.4 else known[-30:])

    def _create(self) -> None:
        email = f"{self.name}.{self._count}@example.org"
        body = {"first_name": "Client", "last_name": f"{self.name} {self._count}", "email": email}
        status, answer = self._insist("POST", "/customers", body, key=f"create-{self.name}-{self._count}")
        assert status in (200, 201), f"a creation was answered {status} {answer}"
        self.told.created[email] = answer["customer"]["id"]
        self.told.customers.append(answer["customer"]["id"])
        self.told.counts["created"] += 1

    def _note(self, customer: str) -> None:
        text = f"note {self.name} {self._count}"
        path = f"/customers/{customer}/notes"
        status, answer = self._insist("POST", path, {"text": text}, key=f"note-{self.name}-{self._count}")
        if status == 404:
            return  # made at another till, and not here yet
        assert status == 201, f"a note was answered {status} {answer}"
        self.told.notes.append((customer, text))
        self.told.counts["noted"] += 1

    def _edit(self, customer: str, name: str) -> None:
        """Read, change, and begin again when somebody was quicker, as till software does."""
        values = self.told.values.setdefault((self.name, customer, name), Values())
        value = f"{'abcdefghijklmnopqrstuvwxyz'[self._count % 26]}{'abcdefghij'[self._count % 10]}"
        if name != "language":
            value = f"{self.name} {self._count}"
        for _ in range(20):
            status, seen = self._insist("GET", f"/customers/{customer}")
            if status == 404:
                return
            assert status == 200, f"a customer was answered {status} {seen}"
            values.written.append(value)
            status, answer = self._insist("PATCH", f"/customers/{customer}", {name: value}, version=seen["version"])
            if status == 200:
                values.answered = len(values.written)
                self.told.counts["edited"] += 1
                return
            assert status == 412, f"an edit was answered {status} {answer}"
            self.told.counts["outdated"] += 1

    def _insist(self, method: str, path: str, body: Any = None, *, key: str = "", version: str = "") -> tuple[int, Any]:
        """Ask until there is an answer: the same question, under the same key. Some answers are lost on the way."""
        while True:
            try:
                if method != "GET" and self.chance.random() < ANSWER_LOST:
                    self._lose_an_answer(method, path, body, key=key, version=version)
                status, answer = self.api.ask(method, path, body, key=key, version=version)
            except (OSError, http.client.HTTPException, ValueError):
                self.told.counts["asked again"] += 1
                time.sleep(0.1)
                continue
            if status < 500:
                return status, answer
            self.told.oddities.append(f"{self.name}: {method} was answered {status} {answer}")
            time.sleep(0.1)

    def _lose_an_answer(self, method: str, path: str, body: Any, *, key: str, version: str) -> None:
        """Half of the time the next question comes while this one is still being worked on."""
        self.told.counts["answers lost"] += 1
        if self.chance.random() < 0.5:
            self.api.ask_and_leave(method, path, body, key=key, version=version)
        else:
            self.api.ask(method, path, body, key=key, version=version)
