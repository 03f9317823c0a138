import pytest
from hypothesis import given
from hypothesis import strategies as some

from daemon.domain.ids import ShopId, SiteId
from daemon.errors import OperatorMistake
from daemon.sync.topics import Address, Lane, Topics
from tests.fakes.link import filter_matches

CHAIN = Topics("essai")
numbers = some.integers(1, 2**31)


@given(number=numbers)
def test_what_is_built_is_read_back(number: int) -> None:
    site, shop = SiteId(number), ShopId(number)
    assert CHAIN.parse(CHAIN.up(site)) == Address(lane=Lane.UP, number=number)
    assert CHAIN.parse(CHAIN.down(site)) == Address(lane=Lane.DOWN, number=number)
    assert CHAIN.parse(CHAIN.presence(site)) == Address(lane=Lane.PRESENCE, number=number)
    assert CHAIN.parse(CHAIN.feed_shop(shop)) == Address(lane=Lane.FEED_SHOP, number=number)
    assert CHAIN.parse(CHAIN.feed_site(site)) == Address(lane=Lane.FEED_SITE, number=number)


def test_the_feed_of_the_whole_chain_has_no_number() -> None:
    assert CHAIN.parse(CHAIN.feed_all()) == Address(lane=Lane.FEED_ALL, number=0)


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "c1/essai/up",
        "c1/essai/up/",
        "c1/essai/up/0",
        "c1/essai/up/07",
        "c1/essai/up/-1",
        "c1/essai/up/٣",
        "c1/essai/up/7/8",
        "c1/essai/up/7\n",
        "c1/essai/up/99999999999",
        "c1/other/up/7",
        "c1/other/feed/all",
        "c2/essai/up/7",
        "c1/essai/feed/all/7",
        "c1/essai/feed/shop",
        "c1/essai/feed/town/7",
        "$SYS/broker/uptime",
    ],
)
def test_a_topic_that_is_not_ours_is_nothing(topic: str) -> None:
    assert CHAIN.parse(topic) is None


@given(some.text())
def test_no_text_breaks_the_reading(topic: str) -> None:
    assert CHAIN.parse(topic) is None


@pytest.mark.parametrize("chain", ["", "Essai", "es/sai", "essai+", "#", "é", "a" * 33, "essai\n"])
def test_a_chain_name_that_would_leave_its_branch_is_refused(chain: str) -> None:
    with pytest.raises(OperatorMistake, match="small letters, digits and hyphens"):
        Topics(chain)


@given(site=numbers, other=numbers, shop=numbers)
def test_the_hub_hears_what_a_till_says_and_a_till_hears_what_the_hub_says_to_it(
    site: int, other: int, shop: int
) -> None:
    heard = CHAIN.heard_by_till(SiteId(site), ShopId(shop))
    assert all(
        any(filter_matches(one, said) for one in CHAIN.heard_by_hub()) for said in CHAIN.said_by_till(SiteId(site))
    )
    assert all(any(filter_matches(one, topic) for one in CHAIN.said_by_hub(SiteId(1))) for topic in heard)
    assert (CHAIN.down(SiteId(other)) in heard) == (other == site)
