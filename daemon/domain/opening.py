"""What stood open in the system that a file is from, as opening entries: booked once, however often the file is read.

An entry's id follows from the line's key, so that two replicas that read the same file book the same fact. Where an
import was undone and the file is read again, the next generation of ids is used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from daemon.domain import authoring
from daemon.domain.canonical import digest8, digest16, pack
from daemon.domain.change import Operation
from daemon.domain.customer_draft import CreditDraft, CustomerDraft
from daemon.domain.element import Element, Key
from daemon.domain.kinds import BOOK_CREDIT_NOTE, BOOK_POINTS, SHAPES, Kind
from daemon.domain.ledger import AMOUNT, BOOK

CAUSE: Final = 3
OPENING: Final = "opening"
TAKEN_BACK: Final = "opening taken back"
_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_CODE_LENGTH: Final = 10

_NOTE: Final = SHAPES[Kind.CREDIT_NOTE].number


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """One amount that stands open. `account` is empty for a credit note, which has one of its own."""

    seed: bytes
    field: str
    book: int
    amount: int
    account: bytes = b""
    credit: CreditDraft | None = None

    def fact(self, generation: int) -> bytes:
        """The id of the entry."""
        return digest8(pack((b"opening", self.seed, generation)))

    def posted_on(self, generation: int) -> bytes:
        """The account on which it is booked."""
        return self.account or digest8(b"credit note" + self.fact(generation))

    def key(self, generation: int) -> Key:
        """Where the entry stands once it is booked."""
        return (self.posted_on(generation), Kind.ENTRY, self.fact(generation))

    def taken_back_key(self, generation: int) -> Key:
        """Where the entry stands that takes it back."""
        return (self.posted_on(generation), Kind.ENTRY, taken_back(self.fact(generation)))


def taken_back(fact: bytes) -> bytes:
    """The id of the entry that takes an opening back."""
    return digest8(b"taken back" + fact)


def openings(draft: CustomerDraft, seed: bytes, account: bytes, file: bytes) -> list[Opening]:
    """What a line says stands open. `seed` is the line's key; points on top are those of this very `file`."""
    found = []
    if "points" in draft:
        found.append(
            Opening(
                seed=pack((seed, "points")), field="points", book=BOOK_POINTS, amount=draft["points"], account=account
            )
        )
    if "points_added" in draft:
        one = pack((seed, "points_added", file))
        found.append(
            Opening(seed=one, field="points_added", book=BOOK_POINTS, amount=draft["points_added"], account=account)
        )
    for credit in draft.get("credits", []):
        one = pack((credit["origin"], credit["number"] or seed))
        found.append(
            Opening(
                seed=one,
                field=credit["origin"].replace(" ", "_"),
                book=BOOK_CREDIT_NOTE,
                amount=credit["cents"],
                credit=credit,
            )
        )
    return found


def book(opening: Opening, generation: int, customer: bytes, now_ms: int) -> list[Operation]:
    """The operations that book it; of a credit note its number, origin and account as well."""
    fact, account = opening.fact(generation), opening.posted_on(generation)
    fields = {BOOK: opening.book, AMOUNT: opening.amount, CAUSE: OPENING}
    operations = [authoring.add(Kind.ENTRY, account, fields, fact=fact)]
    if opening.credit is not None:
        note: dict[int, Any] = {
            _NOTE("code"): opening.credit["number"] or made_number(fact),
            _NOTE("account"): account,
            _NOTE("amount"): opening.amount,
            _NOTE("origin"): opening.credit["origin"],
            _NOTE("issued_ms"): now_ms,
        }
        operations.append(authoring.add(Kind.CREDIT_NOTE, customer, note, fact=fact))
    return operations


def take_back(entries: Sequence[Element]) -> list[Operation]:
    """The operations that take opening entries back."""
    return [
        authoring.add(
            Kind.ENTRY,
            entry.entity,
            {BOOK: entry.fields[BOOK], AMOUNT: -entry.fields[AMOUNT], CAUSE: TAKEN_BACK},
            fact=taken_back(entry.dot),
        )
        for entry in entries
    ]


def made_number(fact: bytes) -> str:
    """A number for a credit note that had none: fifty bits of its id, in signs that nobody takes for one another."""
    value = int.from_bytes(digest16(b"number" + fact), "big")
    signs = [_ALPHABET[value >> (5 * at) & 31] for at in range(_CODE_LENGTH)]
    return "AV" + "".join(signs)
