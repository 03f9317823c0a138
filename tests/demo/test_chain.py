from daemon.demo.chain import OPERATORS, SHOPS
from daemon.domain.pin import check_pin


def test_the_demo_has_two_tills_of_one_shop_and_one_of_another() -> None:
    assert [shop.tills for shop in SHOPS] == [2, 1]


def test_three_operators_have_pins_and_badges_of_their_own() -> None:
    assert len({operator.pin for operator in OPERATORS}) == len({operator.badge for operator in OPERATORS}) == 3
    assert all(check_pin(operator.pin) == operator.pin for operator in OPERATORS)
