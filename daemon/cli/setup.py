"""`comptoir setup`: walk-in customer, shop, operators, token of the till software. What is there stays as it is."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from daemon.cli import customers
from daemon.cli.asking import asked, confirmed, new_pin
from daemon.cli.caller import Caller
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.roles import role_name
from daemon.cli.terminal import Cell, Terminal
from daemon.cli.words import _
from daemon.durable_file import write_durably
from daemon.errors import OperatorMistake, Refusal

ROLES: Final = ("cashier", "manager", "office")
WALK_IN: Final = "Client de passage"
APPLICATION: Final = "caisse"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """An operator that is wanted."""

    display_name: str
    role: str = "cashier"
    pin: str | None = field(default=None, repr=False)
    badge: str | None = field(default=None, repr=False)


@dataclass(kw_only=True)
class Done:
    """What was done, under the keys of the JSON answer: `created`, `kept`, `changed` or None for what was left out."""

    walk_in: str | None = None
    shop: str | None = None
    operators: list[dict[str, str]] = field(default_factory=list)
    application: dict[str, Any] | None = None
    missing: list[str] = field(default_factory=list)


def run(at: Invocation) -> int:
    """Set the shop up; ends with 1 while something is missing that the counter needs."""
    wanted = operators_of(at)
    with at.daemon() as daemon:
        setup = _SetUp(at, daemon)
        setup.all(wanted)
        setup.done.missing = list(_missing(daemon))
    if at.terminal.as_json:
        done = setup.done
        at.terminal.answer(
            {
                "walk_in": done.walk_in,
                "shop": done.shop,
                "operators": done.operators,
                "application": done.application,
                "missing": done.missing,
            }
        )
    else:
        _sum_up(at.terminal, setup.done)
    return Exit.FAILED if setup.done.missing else Exit.OK


def operators_of(at: Invocation) -> list[Wanted]:
    """The operators that the options name, with PINs from standard input; raises OperatorMistake."""
    badges = dict(_pair(text, "badge") for text in at.given.badge)
    pins: Sequence[str | None] = [None] * len(at.given.operator)
    if at.given.pin_stdin:
        pins = [line.strip() for line in sys.stdin.read().splitlines() if line.strip()]
        if len(pins) != len(at.given.operator):
            raise OperatorMistake(f"{len(at.given.operator)} operators are named and {len(pins)} PINs were read")
    found = []
    for text, pin in zip(at.given.operator, pins, strict=True):
        name, _colon, role = text.partition(":")
        if (role or "cashier") not in ROLES:
            raise OperatorMistake(f"operator: a role is one of {', '.join(ROLES)}", field="operator")
        found.append(Wanted(display_name=name.strip(), role=role or "cashier", pin=pin, badge=badges.pop(name, None)))
    if badges:
        raise OperatorMistake("badge: it names an operator that no --operator names", field="badge")
    return found


class _SetUp:
    """One run."""

    def __init__(self, at: Invocation, daemon: Caller) -> None:
        self._at = at
        self._daemon = daemon
        self._terminal = at.terminal
        given = at.given
        flags = (given.walk_in, given.walk_in_customer, given.shop_name, given.operator, given.application)
        self._asks = at.terminal.asks and not given.no_input and not any(flags)
        self.done = Done()

    def all(self, wanted: Sequence[Wanted]) -> None:
        """Each thing in its turn."""
        here = self._daemon.get("/shops")
        if here["here"]:
            self._shop(here)
            self._walk_in()
        for operator in wanted:
            self._operator(operator)
        if self._asks:
            self._ask_operators()
        self._application()

    def _shop(self, here: Mapping[str, Any]) -> None:
        number = here["here"]
        name = next((shop["label"] for shop in here["shops"] if shop["shop"] == number), "")
        wished = self._at.given.shop_name
        if wished is None and self._asks and not name:
            wished = asked(self._terminal, _("Name of this shop (number {shop})").format(shop=number))
        if wished and wished != name:
            self._daemon.put(f"/shops/{number}", {"label": wished})
            self.done.shop = "changed" if name else "created"
            self._tell(_("Shop {shop}: {name}").format(shop=number, name=wished))
        elif name:
            self.done.shop = "kept"
            self._tell(_("Shop {shop}: {name}").format(shop=number, name=name), kept=True)

    def _walk_in(self) -> None:
        before = self._walk_in_here()
        who = self._at.given.walk_in_customer
        if who is not None:
            chosen = customers.find(self._at, self._daemon, who)
            if before is None or before["id"] != chosen:
                before = self._daemon.post("/walk-in", {"customer": chosen})
                self.done.walk_in = "changed"
        name = self._at.given.walk_in
        if before is None and name is None and self._asks:
            name = asked(self._terminal, _("Name of the walk-in customer"), default=WALK_IN)
        if before is None and name:
            before = self._daemon.post("/walk-in", {"display_name": name})
            self.done.walk_in = "created"
        if before is not None:
            kept = self.done.walk_in is None
            self.done.walk_in = self.done.walk_in or "kept"
            self._tell(_("Walk-in customer: {name}").format(name=before["display_name"]), kept=kept)

    def _walk_in_here(self) -> Any:
        try:
            return self._daemon.get("/walk-in")
        except Refusal as refused:
            if refused.status != 404:
                raise
            return None

    def _operator(self, wanted: Wanted) -> None:
        here = next((one for one in self._daemon.get("/operators") if one["display_name"] == wanted.display_name), None)
        if here is None:
            body = {"display_name": wanted.display_name, "role": wanted.role, "pin": wanted.pin, "badge": wanted.badge}
            here = self._daemon.post("/operators", {name: text for name, text in body.items() if text})
            result = "created"
        elif here["role"] != wanted.role:
            here = self._daemon.patch(f"/operators/{here['id']}", {"role": wanted.role})
            result = "changed"
        else:
            result = "kept"
        self.done.operators.append({"id": here["id"], "display_name": here["display_name"], "result": result})
        self._tell(
            _("Operator: {name}, {role}").format(name=here["display_name"], role=role_name(here["role"])),
            kept=result == "kept",
        )

    def _ask_operators(self) -> None:
        for one in self._daemon.get("/operators"):
            named = _("Operator: {name}, {role}").format(name=one["display_name"], role=role_name(one["role"]))
            self._tell(named, kept=True)
        while True:
            name = asked(self._terminal, _("Add an operator: name (nothing to go on)"))
            if not name:
                return
            roles = ", ".join(f"{number} {role_name(role)}" for number, role in enumerate(ROLES, start=1))
            number = asked(self._terminal, _("Role: {roles}").format(roles=roles), default="1")
            role = ROLES[int(number) - 1] if number in {"1", "2", "3"} else ROLES[0]
            badge = asked(self._terminal, _("Badge: scan it now (nothing for none)"))
            try:
                self._operator(Wanted(display_name=name, role=role, pin=new_pin(self._terminal), badge=badge or None))
            except Refusal as refused:
                from daemon.cli.words import sentence

                self._terminal.note(sentence(str(refused)), "red")

    def _application(self) -> None:
        name = self._at.given.application
        there = self._daemon.get("/applications")
        known = {one["name"] for one in there}
        has_software = any(one["role"] == "application" for one in there)
        if name is None and self._asks and not has_software:
            wished = confirmed(self._terminal, _("Make a token for the till software?"))
            name = asked(self._terminal, _("Name of the till software"), default=APPLICATION) if wished else None
        if name is None:
            return
        if name in known and not self._at.given.new_token:
            self.done.application = {"name": name, "result": "kept", "token": None}
            self._tell(_("Till software: {name} has its token").format(name=name), kept=True)
            return
        made = self._daemon.put("/applications", {"name": name})
        self.done.application = {"name": name, "result": "created", "token": made["token"]}
        if self._at.given.token_file:
            write_durably(Path(self._at.given.token_file), made["token"].encode() + b"\n")
            self.done.application["token"] = None
            self._tell(
                _("Till software: {name}, its token is in {file}").format(name=name, file=self._at.given.token_file)
            )
            return
        self._tell(_("Till software: {name}. Its token, told this once:").format(name=name))
        if not self._terminal.as_json:
            self._terminal.say(made["token"], "bold")

    def _tell(self, text: str, *, kept: bool = False) -> None:
        if not self._terminal.as_json:
            self._terminal.write(Cell(text="✓ ", style="green"), Cell(text=text, style="dim" if kept else None))


def _missing(daemon: Caller) -> Iterator[str]:
    import json

    _status, raw = daemon.raw("/api/v1/ready")
    found = json.loads(raw)
    if isinstance(found, dict):
        yield from found.get("missing", [])


def _sum_up(terminal: Terminal, done: Done) -> None:
    from daemon.cli.words import sentence

    for text in done.missing:
        terminal.write(Cell(text=f"✗ {sentence(text)}", style="red"))
    if not done.missing:
        terminal.note(_("Ready to serve."), "green")


def _pair(text: str, name: str) -> tuple[str, str]:
    left, colon, right = text.rpartition(":")
    if not colon or not left or not right:
        raise OperatorMistake(f"{name}: write NAME:CODE", field=name)
    return left, right
