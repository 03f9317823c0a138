"""What a scenario is made of: total operations. One that does not apply is a no-op, so that any sublist is a scenario.

Sites: 0 is the hub, 1 to 3 are tills. `who`, `pick` and the like are taken modulo what there is.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, field
from typing import Any

# What people do.


@dataclass(frozen=True, slots=True)
class Create:
    """A new customer, with a card and a tag in the same record."""

    at: int
    value: int


@dataclass(frozen=True, slots=True)
class Edit:
    """Set a field; value 0 empties it."""

    at: int
    who: int
    field: int
    value: int


@dataclass(frozen=True, slots=True)
class Guard:
    """Refuse (strong) or grant a consent, a block, an archive."""

    at: int
    who: int
    field: int
    strong: bool


@dataclass(frozen=True, slots=True)
class Add:
    """Add a member to a set of a customer: a card, a tag, a note, an address."""

    at: int
    who: int
    kind: int
    value: int


@dataclass(frozen=True, slots=True)
class EditMember:
    """Change a member that is seen."""

    at: int
    who: int
    pick: int
    value: int


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove a member that is seen."""

    at: int
    who: int
    pick: int


@dataclass(frozen=True, slots=True)
class Post:
    """An entry on an account; `fact` 0: an action of its own, else the fact of that number, stated once or twice."""

    at: int
    account: int
    amount: int
    fact: int
    holding: bool


@dataclass(frozen=True, slots=True)
class Endow:
    """Head office gives rights to the holder at a till."""

    to: int
    account: int
    amount: int


@dataclass(frozen=True, slots=True)
class Pass:
    """A till hands rights to another holder: one record in two sites' scopes."""

    at: int
    to: int
    account: int
    amount: int


@dataclass(frozen=True, slots=True)
class Join:
    """Two customers are one person."""

    at: int
    who: int
    other: int


@dataclass(frozen=True, slots=True)
class Erase:
    """A person asks to be forgotten."""

    at: int
    who: int


@dataclass(frozen=True, slots=True)
class Several:
    """One action that changes a field, adds a tag and posts an entry."""

    at: int
    who: int
    value: int


@dataclass(frozen=True, slots=True)
class Newer:
    """A till of a newer version authors a kind that the others do not know yet."""

    at: int
    who: int
    value: int


@dataclass(frozen=True, slots=True)
class During:
    """Armed: the action happens between two units of work of replication at its site."""

    action: Action


Action = (
    Create | Edit | Guard | Add | EditMember | Remove | Post | Endow | Pass | Join | Erase | Several | Newer | During
)

# What happens to them.


@dataclass(frozen=True, slots=True)
class Wait:
    """Time passes."""

    ms: int


@dataclass(frozen=True, slots=True)
class Night:
    """All tills are switched off, for hours; the hub goes on."""

    hours: int


@dataclass(frozen=True, slots=True)
class Cut:
    """The line of a site is cut."""

    at: int


@dataclass(frozen=True, slots=True)
class Heal:
    """The line of a site is back."""

    at: int


@dataclass(frozen=True, slots=True)
class Crash:
    """The process dies at its `statement`-th statement from now on; `after`: once it has had its effect."""

    at: int
    statement: int
    after: bool


@dataclass(frozen=True, slots=True)
class PowerCut:
    """The mains fail between two statements: of the files stays what had reached the platter. Back a while later."""

    at: int


@dataclass(frozen=True, slots=True)
class Restart:
    """The process ends and starts again, a while later."""

    at: int
    away_ms: int


@dataclass(frozen=True, slots=True)
class WrongClock:
    """The box starts again with a clock that is wrong by so much (or at 1970); it knows that it does not know."""

    at: int
    ahead_ms: int


@dataclass(frozen=True, slots=True)
class TrustClock:
    """The kernel says that the clock is synchronised, whatever it shows."""

    at: int


@dataclass(frozen=True, slots=True)
class DiskFull:
    """The disk refuses the `statement`-th statement from now on, and the next ones, so many `times`."""

    at: int
    statement: int
    times: int = 1


@dataclass(frozen=True, slots=True)
class TakeImage:
    """Somebody copies the disk of a till."""

    at: int


@dataclass(frozen=True, slots=True)
class PutImageBack:
    """Somebody puts the copy back. Nobody tells the program."""

    at: int


@dataclass(frozen=True, slots=True)
class Clone:
    """A second box is started from a copy of the disk, beside the first one.

    `elsewhere`: its hardware says that it is another one; else nothing does, as with virtual machines.
    """

    at: int
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Backup:
    """Head office makes a backup, verified: what it holds may be forgotten by the tills."""


@dataclass(frozen=True, slots=True)
class RestoreHub:
    """A backup takes the place of the hub's disk; `announced`: by the program's own command.

    `oldest`: the oldest that may be restored, not the last one.
    """

    announced: bool
    oldest: bool = False


@dataclass(frozen=True, slots=True)
class WipeBroker:
    """The broker loses everything that it held, and every line."""


@dataclass(frozen=True, slots=True)
class Storm:
    """The line is another one from now on: shares in per mille, delays in milliseconds."""

    drop: int
    reorder: int
    delay_ms: int


@dataclass(frozen=True, slots=True)
class Poison:
    """A record that the hub cannot read stands among a till's own."""

    at: int


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes of no meaning on the line to a site."""

    at: int
    seed: int


@dataclass(frozen=True, slots=True)
class Prune:
    """Head office drops the oldest records of its log: who stands further back is filled from rows."""

    records: int


@dataclass(frozen=True, slots=True)
class FlipBit:
    """A bit of a stored row flips, or several: in its body, its hash or (at a till) its key. Nobody tells the program.

    A key that flips at head office is another fault: the row is nowhere until the scrubbing finds it.
    """

    at: int
    row: int
    where: int


@dataclass(frozen=True, slots=True)
class DamageFile:
    """Pages of a till's file are overwritten: the next start makes a new database of what can be read."""

    at: int
    pages: int
    seed: int


@dataclass(frozen=True, slots=True)
class Upgrade:
    """A site starts again with the newer version."""

    at: int


Fault = (
    Wait | Night | Cut | Heal | Crash | PowerCut | Restart | WrongClock | TrustClock | DiskFull | TakeImage
    | PutImageBack | Clone | Backup | RestoreHub | WipeBroker | Storm | Poison | Garbage | Prune | FlipBit
    | DamageFile | Upgrade
)  # fmt: skip

Operation = Action | Fault

ACTIONS: tuple[type, ...] = (
    Create, Edit, Guard, Add, EditMember, Remove, Post, Endow, Pass, Join, Erase, Several, Newer, During,
)  # fmt: skip
FAULTS: tuple[type, ...] = (
    Wait, Night, Cut, Heal, Crash, PowerCut, Restart, WrongClock, TrustClock, DiskFull, TakeImage, PutImageBack,
    Clone, Backup, RestoreHub, WipeBroker, Storm, Poison, Garbage, Prune, FlipBit, DamageFile, Upgrade,
)  # fmt: skip

_BY_NAME = {kind.__name__: kind for kind in (*ACTIONS, *FAULTS)}


def learn(kind: type) -> None:
    """Know an operation of an addition by its name, when scenarios are read."""
    assert kind.__name__ not in _BY_NAME, f"two operations are called {kind.__name__}"
    _BY_NAME[kind.__name__] = kind


@dataclass(frozen=True, slots=True)
class Weather:
    """What the line does to messages: shares in per mille, delays in milliseconds."""

    drop: int = 0
    duplicate: int = 0
    reorder: int = 0
    delay_ms: int = 50


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything that a run depends on."""

    seed: int
    weather: Weather = field(default_factory=Weather)
    operations: tuple[Operation, ...] = ()


def to_plain(operation: Operation) -> list[Any]:
    """An operation as JSON."""
    if isinstance(operation, During):
        return ["During", to_plain(operation.action)]
    return [type(operation).__name__, *astuple(operation)]


def from_plain(plain: list[Any]) -> Operation:
    """An operation from JSON."""
    name, *parts = plain
    if name == "During":
        parts = [from_plain(parts[0])]
    operation: Operation = _BY_NAME[name](*parts)
    return operation


def scenario_to_plain(scenario: Scenario) -> dict[str, Any]:
    """A scenario as JSON, one operation a line when written with `dumps_scenario`."""
    return {
        "seed": scenario.seed,
        "weather": list(astuple(scenario.weather)),
        "operations": [to_plain(operation) for operation in scenario.operations],
    }


def scenario_from_plain(plain: dict[str, Any]) -> Scenario:
    """A scenario from JSON."""
    operations = tuple(from_plain(operation) for operation in plain["operations"])
    return Scenario(plain["seed"], Weather(*plain["weather"]), operations)
