"""Bugs of rights: what is granted, earned, chosen, passed on or mended as it must not be."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import count
from typing import Any

from daemon.desk import benefits
from daemon.domain import authoring as authoring_rules
from daemon.domain import escrow
from daemon.domain import rights as rules
from daemon.domain.account import derived_account
from daemon.domain.canonical import digest8
from daemon.domain.change import Actor, Operation
from daemon.domain.kinds import Kind
from daemon.domain.ledger import AMOUNT, BOOK, HOLDER
from daemon.store import authoring, following, issuers, personal, rights
from daemon.sync import commands as do
from daemon.sync import placing, session
from tests.simulation.planting import Plant, everywhere, patched, together


def lease_granted_twice() -> AbstractContextManager[None]:
    """Head office grants from the balance, whoever holds it already."""
    return patched(rules.Standing, "free", property(lambda self: self.balance))


def right_created_by_whoever_posts() -> AbstractContextManager[None]:
    """A till that posts a sale of another till's visit creates the right to what it earned."""
    real = authoring.commit

    def commit(conn: Any, here: Any, actor: Actor, operations: Sequence[Operation], *, now_ms: int) -> Any:
        claimed = {(op.entity, op.dot) for op in operations if op.kind == Kind.RIGHT}
        more = [
            authoring_rules.add(
                Kind.RIGHT,
                op.entity,
                {number: op.fields.get(number) for number in (BOOK, AMOUNT, rules.CAUSE)}
                | {HOLDER: rights.holder_of(here)},
                fact=op.dot,
            )
            for op in operations
            if (op.kind, op.fields.get(rules.CAUSE)) == (Kind.ENTRY, rules.EARNED)
            and (op.entity, op.dot) not in claimed
        ]
        return real(conn, here, actor, [*operations, *more], now_ms=now_ms)

    return patched(authoring, "commit", commit)


def earnings_posted_elsewhere_are_free() -> AbstractContextManager[None]:
    """What another till posted of a sale is handed out, before the till that issued the sale has said it."""
    return patched(escrow, "unclaimed", lambda site, op, *, is_claimed=False: None)


def issuer_is_guessed() -> AbstractContextManager[None]:
    """What another till posted of a sale is given to the box that the issuing till was last, unasked."""

    def give(one: escrow.Unclaimed, sale: str, holder: rules.Holder) -> Operation:
        fields = {BOOK: one.book, AMOUNT: one.amount, rules.CAUSE: one.cause, HOLDER: holder}
        return authoring_rules.add(Kind.RIGHT, one.account, fields, fact=one.fact)

    return patched(escrow, "ask_whose", give)


def issuer_is_whoever_is_asked() -> AbstractContextManager[None]:
    """A till that is asked whose sale it was says that it issued it, whatever it knows of the visit."""
    return patched(issuers, "issuer_of_sale", lambda conn, here, sale: rights.holder_of(here))


def restored_hub_grants_at_once() -> AbstractContextManager[None]:
    """Head office grants before it has heard what every till holds."""
    return patched(rights, "may_grant", lambda conn, boot: True)


def copy_keeps_its_rights() -> AbstractContextManager[None]:
    """A box that finds itself put back or copied, by its position or by what it hears, stays the holder that it was."""
    real = placing.place

    def place(ours: Any, applied_seq: int, theirs: Any, chain: Any) -> Any:
        move = real(ours, applied_seq, theirs, chain)
        return do.BeginAgain(new_holder=False) if isinstance(move, do.BeginAgain) else move

    unheard = patched(following, "is_told_of_a_twin", lambda conn, replica, frame: False)
    return together(patched(session, "place", place), unheard)


def choice_not_kept() -> AbstractContextManager[None]:
    """What a customer has chosen to spend is not written down."""
    return patched(rights, "reserve", lambda conn, chosen: None)


def chosen_is_passed_on() -> AbstractContextManager[None]:
    """A till passes on, or lets another lane choose, what a customer has chosen here."""
    return patched(rights, "reserved", lambda conn, account, book, *, besides=b"": 0)


def coupon_has_no_fact() -> AbstractContextManager[None]:
    """Whoever finds out that a coupon is due issues one of its own."""
    real, numbers = rules.fact_of, count()

    def fact_of(what: str, sale: bytes, account: bytes, book: int) -> bytes:
        if what == rules.ISSUED:
            return digest8(b"issued", next(numbers).to_bytes(4, "big"))
        return real(what, sale, account, book)

    return everywhere(real, fact_of)


def debt_not_booked() -> AbstractContextManager[None]:
    """Head office makes good what a copied disk has spent, and nobody owes it."""
    real = escrow.settle

    def settle(standing: rules.Standing) -> list[Operation]:
        return [op for op in real(standing) if op.fields[BOOK] == standing.book]

    return patched(escrow, "settle", settle)


def limit_lowered_below_what_is_held() -> AbstractContextManager[None]:
    """Head office takes from a balance what tills may be spending."""
    real = escrow.correct

    def correct(standing: rules.Standing, amount: int, *, cause: str, reason: str = "") -> list[Operation]:
        return real(replace(standing, held={}), amount, cause=cause, reason=reason)

    return patched(escrow, "correct", correct)


def passed_on_and_kept() -> AbstractContextManager[None]:
    """A till that passes rights on does not give them up."""
    real = rules.answer_recall

    def answer_recall(recall: Operation, purse: rules.Purse, *, holder: rules.Holder) -> list[Operation]:
        return [op for op in real(recall, purse, holder=holder) if op.fields[AMOUNT] > 0]

    return everywhere(real, answer_recall)


def spent_without_taking_rights() -> AbstractContextManager[None]:
    """A spend moves the balance and leaves the till its rights."""
    real = rules.spend

    def spend(purse: rules.Purse, amount: int, **more: Any) -> list[Operation]:
        return [
            replace(op, fields={k: v for k, v in op.fields.items() if k != HOLDER})
            for op in real(purse, amount, **more)
        ]

    return patched(rules, "spend", spend)


def choice_survives_the_sale() -> AbstractContextManager[None]:
    """What was chosen stays chosen after the sale: it is taken again with the next posting."""
    real = benefits.posting

    def posting(conn: Any, here: Any, visit: bytes, sale: bytes, moved: Any) -> list[Operation]:
        kept = rights.reservations(conn, visit)
        operations = real(conn, here, visit, sale, moved)
        for one in kept:
            rights.reserve(conn, one)
        return operations

    return patched(benefits, "posting", posting)


def erasure_takes_the_points_along() -> AbstractContextManager[None]:
    """With a person the balance of their account goes: head office does not know any more what it gave."""
    real = personal.cut

    def cut(conn: Any, entity: bytes) -> None:
        conn.execute("DELETE FROM balance WHERE account = ?", (derived_account(entity),))
        real(conn, entity)

    return everywhere(real, cut)


PLANTED: Sequence[Plant] = (
    lease_granted_twice,
    right_created_by_whoever_posts,
    earnings_posted_elsewhere_are_free,
    issuer_is_guessed,
    issuer_is_whoever_is_asked,
    restored_hub_grants_at_once,
    copy_keeps_its_rights,
    choice_not_kept,
    chosen_is_passed_on,
    coupon_has_no_fact,
    debt_not_booked,
    limit_lowered_below_what_is_held,
    passed_on_and_kept,
    spent_without_taking_rights,
    choice_survives_the_sale,
    erasure_takes_the_points_along,
)
