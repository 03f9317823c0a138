"""Promo codes: a code, what it gives, between which days, how often in the whole chain. The quota lies at the tills.

A visit chooses a code like anything else that may be spent: one use of its quota, durably, from what this till holds.
"""

from dataclasses import dataclass
from typing import Final, Literal

from daemon.clock import random_id
from daemon.desk.head_office_only import refuse_at_tills
from daemon.desk.premises import Call, Premises, write_once
from daemon.domain import authoring, escrow
from daemon.domain.calendar import is_within, parse_day
from daemon.domain.canonical import digest8
from daemon.domain.change import Operation
from daemon.domain.claims import normal_form
from daemon.domain.customer_type import is_withdrawn
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import BOOK_QUOTA, SHAPES, Kind
from daemon.domain.ledger import AMOUNT_MAX
from daemon.domain.plain_line import plain_line
from daemon.domain.rate import WHOLE
from daemon.domain.rights import BY_HAND
from daemon.errors import Conflicting, NotFound, OperatorMistake
from daemon.store import authoring as store
from daemon.store import elements, rights, terms
from daemon.store.database import Connection
from daemon.typed import parse_json, to_json

_SHAPE: Final = SHAPES[Kind.PROMO_CODE]
CODE: Final = _SHAPE.number("code")
LABEL: Final = _SHAPE.number("label")
TERMS: Final = _SHAPE.number("terms")
ACCOUNT: Final = _SHAPE.number("account")
WITHDRAWN: Final = _SHAPE.number("withdrawn")
CODE_LENGTH_MAX: Final = 32

PromoState = Literal["usable", "elsewhere", "used_up", "not_in_force", "withdrawn"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PromoTerms:
    """What a code gives: cents or hundredths of a percent off, from a minimum on, between two days."""

    amount: int | None = None
    percent: int | None = None
    minimum: int = 0
    from_day: str | None = None
    until_day: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPromoCode:
    """A code to make; `quota`: how often it may be used in the whole chain."""

    code: str
    label: str
    quota: int
    terms: PromoTerms


@dataclass(frozen=True, kw_only=True, slots=True)
class PromoEdit:
    """What becomes of a code; what is absent stays."""

    quota: int | None = None
    withdrawn: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PromoCode:
    """A code; `left` in the whole chain, `here` of it at this till."""

    id: str
    code: str
    label: str
    terms: PromoTerms
    left: int
    here: int
    state: PromoState


@dataclass(frozen=True, kw_only=True, slots=True)
class PromoCodes:
    """All codes, by code."""

    codes: tuple[PromoCode, ...]


class PromoDesk:
    """Where promo codes are kept."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def codes(self) -> PromoCodes:
        """All codes."""

        def unit(conn: Connection) -> PromoCodes:
            rows = elements.elements_of_kind(conn, Kind.PROMO_CODE)
            found = [self.shown(conn, row) for row in rows]
            return PromoCodes(codes=tuple(sorted(found, key=lambda one: one.code)))

        return await self._premises.database.read(unit)

    async def add(self, call: Call, given: NewPromoCode) -> PromoCode:
        """Make a code; raises Conflicting for one that is there, OperatorMistake, Forbidden at a till."""
        refuse_at_tills(self._premises, "promo codes")
        code = plain_line(given.code, "code", CODE_LENGTH_MAX)
        label = plain_line(given.label, "label", 100)
        if not code or not 0 < given.quota <= AMOUNT_MAX:
            raise OperatorMistake("code: a code and how often it may be used", field="code")
        _check(given.terms)
        # One row for one code, whoever makes it.
        id_ = EntityId(digest8(b"promo/", normal_form(Claim.PROMO_CODE, code).encode("utf-8")))

        def unit(conn: Connection) -> PromoCode:
            if elements.element(conn, (id_, Kind.PROMO_CODE, b"")) is not None:
                raise Conflicting("code: there is such a code already", field="code")
            account = random_id()
            fields = {CODE: code, LABEL: label or None, TERMS: to_json(given.terms).decode("utf-8"), ACCOUNT: account}
            standing = rights.standing(conn, account, BOOK_QUOTA)
            quota = escrow.correct(standing, given.quota, cause=BY_HAND)
            self._commit(conn, call, [authoring.create(Kind.PROMO_CODE, id_, fields), *quota])
            return self.shown(conn, self._row(conn, id_))

        return await write_once(self._premises, call, PromoCode, unit, told=lambda _: None)

    async def edit(self, call: Call, id_: EntityId, given: PromoEdit) -> PromoCode:
        """Withdraw a code, or change how often it may still be used; raises NotFound, Conflicting, Forbidden."""
        refuse_at_tills(self._premises, "promo codes")

        def unit(conn: Connection) -> PromoCode:
            row = self._row(conn, id_)
            operations: list[Operation] = []
            if given.withdrawn is not None and given.withdrawn != is_withdrawn(row.fields.get(WITHDRAWN)):
                operations.append(authoring.change(row, {WITHDRAWN: authoring.guard(strong=given.withdrawn)}))
            if given.quota is not None:
                standing = rights.standing(conn, row.fields[ACCOUNT], BOOK_QUOTA)
                change = given.quota - standing.balance
                moved = escrow.correct(standing, change, cause=BY_HAND) or escrow.recall(standing, -change)
                operations += moved if change else []
            self._commit(conn, call, operations)
            return self.shown(conn, self._row(conn, id_))

        return await write_once(self._premises, call, PromoCode, unit, told=lambda _: None)

    def _commit(self, conn: Connection, call: Call, operations: list[Operation]) -> None:
        if operations:
            now_ms = self._premises.clock.now_ms()
            store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)

    def _row(self, conn: Connection, id_: EntityId) -> Element:
        row = elements.element(conn, (id_, Kind.PROMO_CODE, b""))
        if row is None:
            raise NotFound("id: no promo code has this id", field="id")
        return row

    def shown(self, conn: Connection, row: Element) -> PromoCode:
        """A code as it stands at this till."""
        replica, account = self._premises.replica, row.fields.get(ACCOUNT, b"")
        now_ms = self._premises.clock.now_ms() + replica.timeline.offset_ms
        said = terms_of(row)
        left = rights.balance(conn, account, BOOK_QUOTA)
        here = rights.purse(conn, replica, account, BOOK_QUOTA).left
        return PromoCode(
            id=row.entity.hex(),
            code=str(row.fields.get(CODE, "")),
            label=str(row.fields.get(LABEL, "")),
            terms=said,
            left=left,
            here=here,
            state=_state(row, said, (left, here), terms.day_there(conn, replica.identity.shop, now_ms)),
        )


def promo_of(conn: Connection, code: str) -> Element:
    """The row of a code, as typed or scanned; raises NotFound."""
    id_ = digest8(b"promo/", normal_form(Claim.PROMO_CODE, code).encode("utf-8"))
    row = elements.element(conn, (id_, Kind.PROMO_CODE, b""))
    if row is None or not isinstance(row.fields.get(ACCOUNT), bytes):
        raise NotFound("promo_codes: there is no such code", field="promo_codes")
    return row


def refuse_unless_in_force(row: Element, day: int) -> None:
    """Raise Conflicting for a code that was withdrawn, or is not good on this day."""
    state = _state(row, terms_of(row), (1, 1), day)
    if state != "usable":
        raise Conflicting(f"promo_codes: this code cannot be used now ({state})", field="promo_codes")


def terms_of(row: Element) -> PromoTerms:
    """What a code gives; nothing where it cannot be read."""
    text = row.fields.get(TERMS)
    try:
        return parse_json(text.encode("utf-8"), PromoTerms) if isinstance(text, str) else PromoTerms()
    except OperatorMistake:
        return PromoTerms()


def _state(row: Element, said: PromoTerms, uses: tuple[int, int], day: int) -> PromoState:
    if is_withdrawn(row.fields.get(WITHDRAWN)):
        return "withdrawn"
    if not is_within(day, parse_day(said.from_day, "from_day"), parse_day(said.until_day, "until_day")):
        return "not_in_force"
    left, here = uses
    return "used_up" if left <= 0 else "usable" if here > 0 else "elsewhere"


def _check(given: PromoTerms) -> None:
    if (given.amount is None) == (given.percent is None):
        raise OperatorMistake("terms: give an amount or a percentage", field="terms")
    if not 0 < (given.amount or 1) <= AMOUNT_MAX or not 0 < (given.percent or 1) <= WHOLE or given.minimum < 0:
        raise OperatorMistake("terms: the amount, percentage or minimum is out of range", field="terms")
    parse_day(given.from_day, "from_day")
    parse_day(given.until_day, "until_day")
