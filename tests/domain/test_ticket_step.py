"""What somebody may do with a held ticket, and what it says."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from daemon.domain import ticket_step as steps
from daemon.domain.change import Operation
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kinds import BOOK_DEPOSIT, Kind
from daemon.domain.ledger import AMOUNT, BOOK
from daemon.domain.ticket import STAGE, WHAT, Step, Ticket, TicketType, read
from daemon.domain.ticket_step import Hand, Held
from daemon.errors import Conflicting, OperatorMistake

OWNER, ACCOUNT = b"o" * 8, b"c" * 8
ONE, TWO = Hand(site=2, by="op1", at_ms=1_000), Hand(site=3, by="op2", at_ms=2_000)
A, B = b"a" * 8, b"b" * 8


class Shop:
    """A ticket and all that was said of it."""

    def __init__(self, type_: TicketType = TicketType.BASKET, total: int = 9_000) -> None:
        self.said: list[Element] = []
        held = steps.hold(Held(owner=OWNER, type=type_, shop=1, at_ms=5, total=total), id_=b"t" * 8)
        self.element = Element(Kind.HELD_TICKET, OWNER, b"t" * 8, (1, 2, 0), dict(held.fields))

    def do(self, operations: Sequence[Operation]) -> "Shop":
        for op in operations:
            at = len(self.said) + 2
            if op.kind == Kind.TICKET_STEP and op.dot not in {one.dot for one in self.said}:
                dot = op.dot or at.to_bytes(8, "big")
                self.said.append(Element(op.kind, op.entity, dot, (at, 2, 0), dict(op.fields)))
        return self

    @property
    def ticket(self) -> Ticket:
        return read(self.element, self.said)


def taken(shop: Shop, sale: bytes, hand: Hand, *, awarded: bool = False) -> Shop:
    return shop.do(steps.take_over(shop.ticket, sale[::-1] + b"", sale, hand, awarded=awarded))


def refused(error: pytest.ExceptionInfo[OperatorMistake]) -> str:
    return error.value.field


def test_head_office_awards_a_ticket_to_one_sale_and_says_so_again() -> None:
    shop = Shop()
    assert steps.award(shop.ticket, A).verdict == "granted"
    taken(shop, A, ONE, awarded=True)
    again = steps.award(shop.ticket, A)
    assert (again.verdict, again.take) == ("granted", shop.ticket.takes[0])
    other = steps.award(shop.ticket, B)
    assert other.take is not None
    assert (other.verdict, other.take.sale) == ("taken", A)
    assert steps.award(shop.ticket, B, [shop.ticket.takes[0].id]).verdict == "granted", "the till knows it was put back"
    alone = taken(Shop(), A, ONE)
    mine = steps.award(alone.ticket, A)
    assert (mine.verdict, mine.take) == ("granted", alone.ticket.takes[0]), "what was taken alone is awarded later"
    assert steps.award(shop.do(steps.sold(shop.ticket, A, None, ONE)).ticket, B).verdict == "posted"
    assert steps.award(Shop().do(steps.close(Shop().ticket, "", None, None, ONE)).ticket, A).verdict == "closed"


def test_without_head_office_a_till_names_the_take_over_that_it_overrules() -> None:
    shop = taken(Shop(), A, ONE)
    assert steps.take_alone(shop.ticket, b"x" * 8, A, ONE) == []
    with pytest.raises(Conflicting) as error:
        steps.take_alone(shop.ticket, b"x" * 8, B, TWO)
    assert refused(error) == "despite"
    shop.do(steps.take_alone(shop.ticket, b"x" * 8, B, TWO, despite=shop.ticket.takes[0].id))
    assert shop.ticket.is_taken_twice
    assert not shop.do(steps.put_back(shop.ticket, B, TWO)).ticket.is_taken_twice
    closed = Shop()
    closed.do(steps.close(closed.ticket, "x", None, None, ONE))
    with pytest.raises(Conflicting) as error:
        steps.take_alone(closed.ticket, b"x" * 8, A, ONE)
    assert refused(error) == "ticket"


def test_the_second_sale_takes_a_person_who_names_the_first() -> None:
    shop = taken(taken(Shop(), A, ONE), B, TWO)
    with pytest.raises(Conflicting) as error:
        steps.sold(shop.ticket, B, None, TWO)
    assert refused(error) == "names"
    shop.do(steps.sold(shop.ticket, A, None, ONE))
    with pytest.raises(Conflicting, match="sold elsewhere"):
        steps.sold(shop.ticket, B, None, TWO)
    for names, sale in ((b"?" * 8, B), (B, B), (A, A)):
        with pytest.raises(Conflicting, match="by that name"):
            steps.confirm(shop.ticket, names, sale, TWO)
    with pytest.raises(Conflicting, match="nothing to settle"):
        steps.confirm(shop.ticket, A, b"", TWO)
    shop.do(steps.confirm(shop.ticket, A, B, TWO)).do(steps.sold(shop.ticket, B, None, TWO))
    assert [one.sale for one in shop.ticket.posted] == [A, B]
    assert not shop.ticket.is_unsettled


def test_two_that_did_not_hear_of_each_other_are_settled_later() -> None:
    both = taken(taken(Shop(), A, ONE), B, TWO)
    alone = replace(both.ticket, takes=both.ticket.takes[1:])
    both.do([*steps.sold(both.ticket, A, None, ONE), *steps.sold(alone, B, None, TWO)])
    assert both.ticket.is_unsettled
    both.do(steps.confirm(both.ticket, B, b"", ONE))
    assert not both.ticket.is_unsettled


def test_stages_follow_the_type() -> None:
    shop = Shop(TicketType.WORK_ORDER)
    shop.do(steps.advance(shop.ticket, "in_work", ONE))
    assert steps.advance(shop.ticket, "in_work", TWO) == []
    with pytest.raises(Conflicting) as error:
        steps.advance(shop.ticket, "announced", ONE)
    assert refused(error) == "stage"
    with pytest.raises(OperatorMistake) as wrong:
        steps.advance(shop.ticket, "held", ONE)
    assert refused(wrong) == "stage"
    assert shop.do(steps.advance(shop.ticket, "ready", TWO)).ticket.stage == "ready"


def test_what_is_paid_beforehand_leaves_the_account_once() -> None:
    shop = Shop(TicketType.LAYAWAY)
    paid = steps.deposit(shop.ticket, ACCOUNT, 4_000, b"1" * 8, ONE)
    assert (paid[0].fields[BOOK], paid[0].fields[AMOUNT], paid[0].entity) == (BOOK_DEPOSIT, 4_000, ACCOUNT)
    shop.do(paid)
    for amount in (0, 5_001):
        with pytest.raises(OperatorMistake) as error:
            steps.deposit(shop.ticket, ACCOUNT, amount, b"2" * 8, ONE)
        assert refused(error) == "amount"
    with pytest.raises(Conflicting) as none:
        steps.deposit(Shop().ticket, ACCOUNT, 1, b"2" * 8, ONE)
    assert refused(none) == "amount"
    with pytest.raises(Conflicting) as closing:
        steps.close(shop.ticket, "", None, ACCOUNT, ONE)
    assert refused(closing) == "deposit"
    refunded = steps.close(shop.ticket, "", "refunded", ACCOUNT, ONE)[1]
    used = steps.sold(taken(shop, A, ONE).ticket, A, ACCOUNT, ONE)[1]
    assert (refunded.fields[AMOUNT], refunded.dot) == (-4_000, used.dot), "one fact, whoever states it"
    assert len(steps.sold(shop.ticket, A, None, ONE)) == 1, "nobody's account any more"
    free = Shop(TicketType.SPECIAL_ORDER, total=0)
    assert steps.deposit(free.ticket, ACCOUNT, 99, b"3" * 8, ONE), "an order whose total nobody knows yet"


def test_a_closing_is_taken_back_unless_money_went_with_it() -> None:
    shop = Shop()
    assert steps.reopen(shop.ticket, ONE) == []
    with pytest.raises(Conflicting, match="put it back"):
        steps.close(taken(Shop(), A, ONE).ticket, "", None, None, ONE)
    shop.do(steps.close(shop.ticket, "Trop cher", None, None, ONE))
    assert steps.close(shop.ticket, "", None, None, TWO) == []
    assert shop.do(steps.reopen(shop.ticket, TWO)).ticket.state == "open"
    paid = Shop(TicketType.LAYAWAY)
    paid.do(steps.deposit(paid.ticket, ACCOUNT, 100, b"1" * 8, ONE))
    paid.do(steps.close(paid.ticket, "", "kept", ACCOUNT, ONE))
    with pytest.raises(Conflicting, match="closing"):
        steps.reopen(paid.ticket, ONE)
    gone = taken(Shop(), A, ONE)
    gone.do(steps.sold(gone.ticket, A, None, ONE))
    with pytest.raises(Conflicting, match="sold"):
        steps.reopen(gone.ticket, ONE)
    with pytest.raises(Conflicting, match="sold"):
        steps.advance(gone.ticket, "held", ONE)


def test_a_ticket_comes_to_another_shop_with_all_it_is() -> None:
    shop = Shop(TicketType.SPECIAL_ORDER)
    shop.do(steps.advance(shop.ticket, "ordered", ONE))
    shop.do(steps.deposit(shop.ticket, ACCOUNT, 500, b"1" * 8, ONE))
    here, operations = steps.move(shop.ticket, 2, TWO)
    assert (here.shop, here.owner, here.id) == (2, EntityId(OWNER), steps.moved_id(shop.ticket, 2))
    said = [
        (op.fields.get(WHAT), op.fields.get(6), op.fields.get(STAGE))
        for op in operations
        if op.kind == Kind.TICKET_STEP
    ]
    assert operations[1].fields[6] == 2
    assert said == [
        (str(Step.CLOSED), 1, None),
        (str(Step.ADVANCED), 2, "ordered"),
        (str(Step.DEPOSIT), 2, None),
    ]
    assert len(steps.move(Shop().ticket, 2, TWO)[1]) == 2
