"""Scopes and what travels in them."""

from daemon.domain.change import NO_CHAIN, Record
from daemon.domain.feed import CHAIN, Cursor, Frame, Scope, scope_for, scopes_of
from daemon.domain.ids import HUB_SITE
from daemon.domain.kind_shape import Reach


def test_a_till_follows_the_chain_its_shop_and_itself_and_the_hub_follows_the_chain() -> None:
    assert scopes_of(shop=3, site=7) == (CHAIN, Scope(Reach.SHOP, 3), Scope(Reach.SITE, 7))
    assert scopes_of(shop=0, site=HUB_SITE) == (CHAIN,)
    assert scope_for(Reach.SHOP, shop=3, site=7) == Scope(Reach.SHOP, 3)
    assert scope_for(Reach.SITE, shop=3, site=7) == Scope(Reach.SITE, 7)
    assert scope_for(Reach.CHAIN, shop=3, site=7) == CHAIN


def test_each_reach_has_a_flag_of_its_own() -> None:
    assert [Scope(reach).bit for reach in Reach] == [1, 2, 4]


def test_a_scope_read_from_the_wire_is_the_scope() -> None:
    assert Scope(0) == CHAIN
    assert {Scope(2, 7): 1}[Scope(Reach.SITE, 7)] == 1


def test_a_frame_ends_with_its_last_record() -> None:
    record = Record(b"header", ())
    assert Frame(CHAIN, 1, 5, NO_CHAIN, (record, record, record)).last == 7
    assert Cursor() == Cursor(1, 0, NO_CHAIN)
