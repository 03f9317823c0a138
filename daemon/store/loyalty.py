"""What loyalty asks of the store: rules, the accounts of a person, what an account has earned, its entries."""

from typing import Final

from daemon.domain.account import account_of
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.domain.loyalty import BEYOND, Beyond, LoyaltyRule, beyond_of, rule_of
from daemon.domain.policy import text_of
from daemon.store import customers, elements
from daemon.store.database import Connection


def rules(conn: Connection) -> list[LoyaltyRule]:
    """The rules that stand, in the order of their ids."""
    found = [rule_of(row) for row in elements.elements_of_kind(conn, Kind.LOYALTY_RULE)]
    return sorted((rule for rule in found if rule is not None), key=lambda rule: rule.id)


def beyond(conn: Connection) -> Beyond:
    """What tills do beyond their rights."""
    return beyond_of(text_of(customers.policy(conn, BEYOND)))


def accounts_of(conn: Connection, customer: EntityId) -> list[EntityId]:
    """The accounts of a person, the shown customer's own first: records that were merged keep theirs."""
    records = [customer, *(one for one in customers.records_of(conn, customer) if one != customer)]
    rows = [row for row in customers.rows(conn, records) if row is not None]
    return list(dict.fromkeys(account_of(row) for row in rows))


def owned(conn: Connection, customer: EntityId) -> list[Element]:
    """All that belongs to a person, the shown customer's own first: of every record that was merged into them."""
    return [one for record in customers.records_of(conn, customer) for one in elements.elements_of(conn, record)]


def entries(conn: Connection, account: bytes) -> list[Element]:
    """The entries of an account, oldest first."""
    rows = conn.execute(f"SELECT {elements.ROW} FROM element WHERE entity = ? AND kind = ?", (account, int(Kind.ENTRY)))
    return sorted(elements.shown(rows), key=lambda one: (one.base, one.dot))


_SINCE: Final = (
    f"SELECT {elements.ROW} FROM element WHERE entity = ? AND kind = {Kind.ENTRY:d}"
    " AND (substr(body, 21, 2) <> x'93cf' OR substr(body, 22, 9) >= ?)"
)
"""The stamp of an entry stands behind its kind and its id, both of a fixed length: 0x93, then 0xcf and eight bytes. A
body in which it does not stand there is damaged, or of a clock before 1970's second minute: it is looked at."""


def entries_since(conn: Connection, account: bytes, since_ms: int) -> list[Element]:
    """The entries of an account that were stated since a moment; the others are passed over where they lie."""
    since = b"\xcf" + (max(since_ms, 0) << 16).to_bytes(8, "big")
    return elements.shown(conn.execute(_SINCE, (account, since)))
