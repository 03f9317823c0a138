"""What loyalty asks of the store: rules, the accounts of a person, what an account has earned, its entries."""

from contextlib import suppress
from typing import Final

from daemon.domain.account import account_of
from daemon.domain.canonical import unpack
from daemon.domain.element import Element
from daemon.domain.hlc import ms_of
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


def entries_since(conn: Connection, account: bytes, since_ms: int) -> list[Element]:
    """The entries of an account that were stated since a moment: of the others no more than their stamp is read."""
    rows = conn.execute(f"SELECT {elements.ROW} FROM element WHERE entity = ? AND kind = ?", (account, int(Kind.ENTRY)))
    return elements.shown(row for row in rows if _stated_ms(row[3]) >= since_ms)


def _stated_ms(body: bytes) -> int:
    """When an element was stated, from its canonical bytes; what cannot be read is looked at as if it were now."""
    with suppress(ValueError, TypeError, IndexError):
        return ms_of(unpack(body)[2])
    return _NOW


_NOW: Final = 1 << 62
