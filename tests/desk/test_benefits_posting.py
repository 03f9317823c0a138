"""What a visit had chosen is taken when its sale is posted, whatever the till is doing meanwhile."""

import pytest

from daemon.desk import benefits
from daemon.desk.benefits import Movement
from daemon.domain import rights as rules
from daemon.domain.kinds import BOOK_POINTS
from daemon.domain.rights import AT_RISK, CAUSE, SPENT
from daemon.errors import Conflicting
from daemon.store import rights, taking
from tests.store.small_chain import Site

ACCOUNT, VISIT, OTHER, SALE = b"account.", b"visit...", b"another.", b"sale...."


@pytest.fixture
def here() -> Site:
    site = Site(2)
    site.anchor()
    site.commit(*rules.earn(ACCOUNT, BOOK_POINTS, 100, sale=SALE, holder=rights.holder_of(site.replica)))
    return site


def choose(site: Site, visit: bytes, amount: int) -> None:
    wanted = Movement(account=ACCOUNT, book=BOOK_POINTS, amount=amount)
    site.unit(lambda conn: benefits.choose(conn, site.replica, visit, wanted))


def test_what_was_chosen_before_a_fill_began_is_held_while_it_runs_and_nothing_more_can_be_chosen(here: Site) -> None:
    choose(here, VISIT, 60)
    here.unit(lambda conn: taking.plan_fill(conn, here.replica))
    with pytest.raises(Conflicting):
        choose(here, OTHER, 10)
    posted = here.unit(lambda conn: benefits.posting(conn, here.replica, VISIT, b"visit.00", []))
    assert {operation.fields.get(CAUSE) for operation in posted} == {SPENT}


def test_what_was_chosen_of_another_holders_rights_is_a_debt(here: Site) -> None:
    choose(here, VISIT, 60)
    here.unit(lambda conn: here.replica.renew(conn, incarnation=9, lot=b"new lot."))
    posted = here.unit(lambda conn: benefits.posting(conn, here.replica, VISIT, b"visit.00", []))
    assert {operation.fields.get(CAUSE) for operation in posted} == {AT_RISK}
