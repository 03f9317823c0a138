"""Money while everything fails: sales that earn points, points given by hand, points spent; each is booked once."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.chance import Random
from tests.system.processes import Api, Chain

CENTS = 100
"""Of a euro, which earns a point."""

LISTED_MAX = 500
"""Pages of movements; more than any campaign makes for one customer."""

Insist = Callable[..., tuple[int, Any]]
"""As `Client._insist`: asks until there is an answer."""


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale that was answered with success: what it came to, and the points that it took."""

    customer: str
    cents: int
    spent: int


@dataclass
class Ledger:
    """What the daemons told their clients to be booked."""

    sales: dict[str, Sold] = field(default_factory=dict)
    gifts: dict[str, tuple[str, int]] = field(default_factory=dict)
    """(customer, points) by the reason, which is one of a kind."""

    def customers(self) -> list[str]:
        """Everybody of whom something was booked."""
        return sorted({one.customer for one in self.sales.values()} | {who for who, _ in self.gifts.values()})

    def movements(self) -> dict[str, Counter[tuple[str, int]]]:
        """By customer: (sale or reason, points), as often as it must be there."""
        found: dict[str, Counter[tuple[str, int]]] = {}
        for id_, one in self.sales.items():
            booked = found.setdefault(one.customer, Counter())
            booked[id_, one.cents // CENTS] += 1
            if one.spent:
                booked[id_, -one.spent] += 1
        for reason, (who, points) in self.gifts.items():
            found.setdefault(who, Counter())[reason, points] += 1
        return found

    def revenue(self) -> Counter[str]:
        """Cents by customer."""
        found: Counter[str] = Counter()
        for one in self.sales.values():
            found[one.customer] += one.cents
        return found


def open_shops(chain: Chain) -> None:
    """A point for each euro everywhere, and a walk-in customer in each shop; all of it is known to all."""
    chain.hub.api.post("/loyalty/rules", {"label": "un pour un", "kind": "points", "rate": 100})
    shops: set[int] = set()
    for till in chain.tills:
        shop = till.replication()["shop"]
        if shop not in shops:
            till.api.post("/walk-in", {"display_name": "Client de passage"})
        shops.add(shop)
    chain.settle()


@dataclass
class Cashier:
    """Sells, gives and lets spend at one till; at head office only gives."""

    name: str
    insist: Insist
    ledger: Ledger
    chance: Random
    counts: Counter[str]
    sells: bool

    def act(self, customer: str, number: int) -> None:
        """One movement or more for a customer."""
        if self.sells and self.chance.random() < 0.75:
            self._sell(customer, number)
        else:
            self._give(customer, number)

    def _give(self, customer: str, number: int) -> None:
        reason = f"geste {self.name} {number}"
        points = self.chance.randrange(5, 40)
        body = {"amount": points, "reason": reason}
        status, answer = self.insist("POST", f"/customers/{customer}/points", body, key=reason.replace(" ", "-"))
        if status == 404:
            return  # made at another till, and not here yet
        assert status == 200, f"points were answered {status} {answer}"
        self.ledger.gifts[reason] = (customer, points)
        self.counts["given"] += 1

    def _sell(self, customer: str, number: int) -> None:
        status, found = self.insist("GET", f"/customers/{customer}/loyalty")
        if status == 404:
            return
        assert status == 200, f"what a customer has was answered {status} {found}"
        key = f"sale-{self.name}-{number}"
        status, visit = self.insist("POST", "/visits", {"lane": f"{number}"}, key=key)
        assert status in (200, 201), f"a visit was answered {status} {visit}"
        at = f"/visits/{visit['id']}"
        status, answer = self.insist("POST", f"{at}/attach", {"customer": customer}, key=f"{key}-who")
        assert status == 200, f"a customer was attached with {status} {answer}"
        spent = self._choose(at, found["points"]["here"])
        cents = self.chance.randrange(1, 50) * CENTS
        lines = {"lines": [{"label": "article", "amount": cents, "unit_price": cents}]}
        status, answer = self.insist("POST", f"{at}/post", lines, key=f"{key}-post")
        assert status == 200, f"a sale was answered {status} {answer}"
        self.ledger.sales[visit["sale_id"]] = Sold(customer, cents, spent)
        self.counts["sold"] += 1
        self.counts["spent"] += int(spent > 0)

    def _choose(self, at: str, here: int) -> int:
        """Spend some or all of what may be spent here, in most sales; much takes a proof, and others may be quicker."""
        if here <= 0 or self.chance.random() < 0.3:
            return 0
        points = here if self.chance.random() < 0.5 else self.chance.randrange(1, here + 1)
        status, answer = self.insist("PUT", f"{at}/spending", {"points": points})
        assert status in (200, 403, 409), f"a choice was answered {status} {answer}"
        return int(answer["points"]) if status == 200 else 0


@dataclass
class Books:
    """What is wrong with the money of one replica."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)


def audit_money(where: str, api: Api, ledger: Ledger) -> Books:
    """Hold the books of a replica against what its clients were told, movement by movement."""
    found, revenue = Books(), ledger.revenue()
    for customer, wanted in ledger.movements().items():
        balance, entries = _entries(api, customer)
        have = Counter((entry["sale"] or entry["reason"], entry["amount"]) for entry in entries)
        found.lost += [f"{where}: {one} of {customer}" for one in (wanted - have).elements()]
        found.doubled += [f"{where}: {one} of {customer}" for one in (have - wanted).elements()]
        total = sum(entry["amount"] for entry in entries)
        if balance != total or balance < 0:
            found.doubled.append(f"{where}: the balance of {customer} is {balance}, its movements come to {total}")
        sold = api.get(f"/customers/{customer}/revenue")["total"]
        if sold != revenue[customer]:
            list_ = found.lost if sold < revenue[customer] else found.doubled
            list_.append(f"{where}: {customer} bought for {sold}, and not for {revenue[customer]}")
    return found


def _entries(api: Api, customer: str) -> tuple[int, list[Any]]:
    listed: list[Any] = []
    balance = 0
    for page in _pages(api, customer):
        listed += page["entries"]
        balance = page["balance"]
    return balance, listed


def _pages(api: Api, customer: str) -> Iterator[Any]:
    after = ""
    for _ in range(LISTED_MAX):
        page = api.get(f"/customers/{customer}/points{after}")
        yield page
        if page["complete"]:
            return
        after = f"?after={page['entries'][-1]['id']}"
    raise AssertionError("the movements do not end")
