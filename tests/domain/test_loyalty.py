"""What sales earn by the rules of head office, however their codes are written."""

import pytest

from daemon.domain.loyalty import EarningLine, LoyaltyRule, earn

LINE = EarningLine(product="Ab 12", family="Vestes", amount=1_000)


@pytest.mark.parametrize(
    ("named", "points"),
    [({"products": ("ab12",)}, 10), ({"families": ("vestes",)}, 10), ({"products": ("ab1",)}, 0)],
)
def test_a_rule_names_products_and_families_in_any_spelling(named: dict[str, tuple[str, ...]], points: int) -> None:
    rule = LoyaltyRule(id="1", label="r", kind="points", rate=100, **named)  # type: ignore[arg-type]  # a test's own
    assert earn([rule], [LINE], groups=frozenset(), day=0).points == points
