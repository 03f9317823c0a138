"""What customers have shown of themselves on open visits, tries at their PINs, and what they have spent lately."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from daemon.domain import pin_tries
from daemon.domain.claims import TRIED_AT, tried_ms
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kinds import BOOK_COUPON, BOOK_CREDIT_NOTE, BOOK_LIMIT, BOOK_POINTS, SHAPES, Kind
from daemon.domain.ledger import AMOUNT, BOOK
from daemon.domain.pin_tries import Tries
from daemon.domain.policy import text_of
from daemon.domain.proof import PROOF as POLICY
from daemon.domain.proof import WORTH_OF, Proof, ProofPolicy, Worth, policy_of
from daemon.domain.rights import AT_RISK, CAUSE, GIVEN_BACK, SPENT, debt_book
from daemon.store import customers, elements, loyalty, rights
from daemon.store.database import Connection
from daemon.store.replica import Replica

_GIVEN: Final = {Proof.CARD: 1, Proof.PIN: 2}
_HELD_IN: Final[Mapping[int, tuple[int, int]]] = {
    Kind.COUPON: (SHAPES[Kind.COUPON].number("account"), BOOK_COUPON),
    Kind.CREDIT_NOTE: (SHAPES[Kind.CREDIT_NOTE].number("account"), BOOK_CREDIT_NOTE),
}
_LATEST: Final = (
    "SELECT value, entity, dot FROM lookup"
    f" WHERE claim = ? AND (value, entity, kind, dot) < (?, ?, {Kind.PIN_TRIES:d}, ?)"
    " ORDER BY value DESC, entity DESC, kind DESC, dot DESC LIMIT ?"
)
_AT_ONCE: Final = 64
_TAKEN: Final = frozenset({SPENT, AT_RISK})


def policy(conn: Connection) -> ProofPolicy:
    """How far each proof goes."""
    return policy_of(text_of(customers.policy(conn, POLICY)))


# Of a visit.


def keep(conn: Connection, visit: bytes, customer: bytes, proof: Proof) -> None:
    """The customer of a visit has shown this, beside what they have shown before; another customer begins anew."""
    conn.execute(
        "INSERT INTO visit_proof (visit, customer, given) VALUES (?,?,?) ON CONFLICT (visit) DO UPDATE SET"
        " given = CASE customer WHEN excluded.customer THEN given | excluded.given ELSE excluded.given END,"
        " customer = excluded.customer",
        (visit, customer, _GIVEN.get(proof, 0)),
    )


def proofs(conn: Connection, visit: bytes, customer: bytes) -> frozenset[Proof]:
    """What the customer of a visit has shown there, beside their name."""
    row = conn.execute("SELECT given FROM visit_proof WHERE visit = ? AND customer = ?", (visit, customer)).fetchone()
    given = int(row[0]) if row is not None else 0
    return frozenset(proof for proof, bit in _GIVEN.items() if given & bit)


def forget(conn: Connection, visit: bytes) -> None:
    """A visit is over: whoever comes next proves anew."""
    conn.execute("DELETE FROM visit_proof WHERE visit = ?", (visit,))


def forget_pin(conn: Connection, customers_: Iterable[bytes]) -> None:
    """The PIN is another one: no visit has proved it yet."""
    conn.executemany("UPDATE visit_proof SET given = given & 1 WHERE customer = ?", [(one,) for one in customers_])


# Tries.


def begin(conn: Connection, customer: bytes, now_ms: int) -> None:
    """A try is about to be looked at."""
    conn.execute("INSERT OR REPLACE INTO pin_begun (customer, begun_ms) VALUES (?,?)", (customer, now_ms))


def end(conn: Connection, customer: bytes) -> int | None:
    """A try is known; when one was begun that is not known, its moment."""
    row = conn.execute("DELETE FROM pin_begun WHERE customer = ? RETURNING begun_ms", (customer,)).fetchone()
    return int(row[0]) if row is not None else None


def tries(conn: Connection, records: Sequence[bytes]) -> Tries:
    """The tries at a person's PIN, of all tills."""
    return pin_tries.tries_of(told(conn, records))


def told(conn: Connection, records: Sequence[bytes]) -> list[Element]:
    """What all tills have told of a person's tries and refusals."""
    sql = f"SELECT {elements.ROW} FROM element WHERE entity = ? AND kind = ?"
    return [one for whom in records for one in elements.shown(conn.execute(sql, (whom, int(Kind.PIN_TRIES))))]


def own(conn: Connection, replica: Replica, customer: bytes) -> Element | None:
    """What this holder has told of a customer."""
    dot = pin_tries.dot_of(customer, rights.holder_of(replica))
    return elements.element(conn, (customer, Kind.PIN_TRIES, dot))


Place = tuple[str, bytes]
"""Where a customer stands among those about whom something was told: its latest moment, and who."""

LATEST: Final[Place] = ("g", b"")
"""Ahead of everybody: behind every hexadecimal digit."""


def told_latest(conn: Connection, after: Place, limit: int) -> list[tuple[Place, list[Element]]]:
    """Customers of whom something was told, the latest first, behind a place; with all that was told of each."""
    found: list[tuple[Place, list[Element]]] = []
    at, dot = after, b""
    while len(found) < limit:
        rows = conn.execute(_LATEST, (TRIED_AT, *at, dot, _AT_ONCE)).fetchall()
        for value, entity, dot_ in rows:
            at, dot = (value, entity), dot_
            known = told(conn, [entity])
            # Of several tills the one that told last stands for the customer; the others are passed over.
            if len(found) < limit and max(((tried_ms(one), one.dot) for one in known), default=None) == (
                int(value, 16),
                dot,
            ):
                found.append((at, known))
        if len(rows) < _AT_ONCE:
            break
    return found


def cut(conn: Connection, customer: bytes) -> None:
    """An erased customer has shown nothing."""
    conn.execute("DELETE FROM visit_proof WHERE customer = ?", (customer,))
    conn.execute("DELETE FROM pin_begun WHERE customer = ?", (customer,))


# What was spent.


def spent(conn: Connection, visit: bytes, customer: EntityId, since_ms: int) -> Mapping[Worth, int]:
    """What a person has spent since a moment as far as it was heard of here, with what other open visits have chosen.

    And what was spent of somebody else's credit notes that this visit has chosen.
    """
    found: dict[Worth, int] = {}
    for account, books in _accounts(conn, visit, customer).items():
        lately = loyalty.entries_since(conn, account, since_ms)
        for book in books:
            taken = sum(_taken(one, book) for one in lately)
            worth = WORTH_OF[book]
            found[worth] = found.get(worth, 0) + max(taken, 0) + _chosen_elsewhere(conn, account, book, visit)
    return found


def chosen(conn: Connection, visit: bytes, customer: EntityId) -> Mapping[Worth, int]:
    """What a visit has chosen of what is the customer's own, or of another's credit notes: all but a bearer's."""
    theirs, found = _accounts(conn, visit, customer), dict[Worth, int]()
    for one in rights.reservations(conn, visit):
        if one.book in theirs.get(one.account, ()):
            found[WORTH_OF[one.book]] = found.get(WORTH_OF[one.book], 0) + one.amount
    return found


def _chosen_elsewhere(conn: Connection, account: bytes, book: int, besides: bytes) -> int:
    (total,) = conn.execute(
        "SELECT coalesce(sum(amount), 0) FROM reservation WHERE account = ? AND book = ? AND visit != ?",
        (account, book, besides),
    ).fetchone()
    return int(total)


def _accounts(conn: Connection, visit: bytes, customer: EntityId) -> dict[bytes, tuple[int, ...]]:
    """The accounts of a person, and which of their books are spent from; others' notes that the visit has chosen."""
    found: dict[bytes, tuple[int, ...]] = dict.fromkeys(loyalty.accounts_of(conn, customer), (BOOK_POINTS, BOOK_LIMIT))
    for one in loyalty.owned(conn, customer):
        number, book = _HELD_IN.get(one.kind, (0, 0))
        account = one.fields.get(number)
        if isinstance(account, bytes):
            found[account] = (book,)
    for held in rights.reservations(conn, visit):
        if held.book == BOOK_CREDIT_NOTE and held.account not in found and not _is_bearers(conn, held.account):
            found[held.account] = (BOOK_CREDIT_NOTE,)
    return found


def _is_bearers(conn: Connection, account: bytes) -> bool:
    """Whether a credit note belongs to whoever holds the paper: it hangs on its own account."""
    row = conn.execute(
        "SELECT 1 FROM element WHERE entity = ? AND kind = ? LIMIT 1", (account, int(Kind.CREDIT_NOTE))
    ).fetchone()
    return row is not None


def _taken(one: Element, book: int) -> int:
    """What an entry takes from a book, with a right to it or without; below zero where it gives back."""
    amount, cause = one.fields.get(AMOUNT), one.fields.get(CAUSE)
    if type(amount) is not int:
        return 0
    if one.fields.get(BOOK) == book:
        return -amount if cause == GIVEN_BACK or cause in _TAKEN else 0
    return amount if one.fields.get(BOOK) == debt_book(book) and cause in _TAKEN else 0
