"""Systems are told by their headings, and what they write in cells is said plainly."""

from pathlib import Path

import pytest

from daemon.domain.customer_draft import Customs
from daemon.domain.customer_sheet import read_customers
from daemon.domain.foreign_systems import FINGERPRINT, SYSTEMS, System, system_of

CAPTURES = Path(__file__).parent.parent / "captures" / "imports"


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_every_system_has_a_sample_and_enough_marks(system: System) -> None:
    samples = [
        read_customers([path.read_bytes()]).system for path in CAPTURES.glob("*.csv") if "product" not in path.name
    ]
    assert system in samples
    assert len(system.marks) >= FINGERPRINT


def test_a_shops_own_file_is_of_no_system() -> None:
    assert system_of(["Nom", "Prénom", "E-mail", "Newsletter", "Date de naissance", "Customer ID"]) is None


def one(file: str, line: int) -> dict[str, object]:
    sheet = read_customers([(CAPTURES / file).read_bytes()], Customs(card_prefixes=("2900",)))
    return dict(next(found.draft for found in sheet.lines if found.line == line and found.draft is not None))


def test_what_each_system_writes_in_its_own_way_is_understood() -> None:
    assert one("square.csv", 2)["birthday"] == "--05-17"
    assert one("prestashop-template.csv", 2)["civility"] == "Mme"
    assert one("prestashop-template.csv", 4)["archived"] is True
    assert "archived" not in one("prestashop-template.csv", 2)
    assert one("prestashop-template.csv", 2)["groups"] == ["Couture"]
    assert one("shopify.csv", 2)["source_id"] == "6940095512821"
    assert (one("shopify.csv", 2)["mobile"], one("shopify.csv", 2)["phone"]) == ("+33612345678", "+33240123456")
    assert one("lightspeed-c.csv", 3)["last_name"] == "van der Berg"
    assert one("lightspeed-c.csv", 2)["address"]["line1"] == "3 bis rue de la Paix"  # type: ignore[index]  # a draft is a mapping
    assert one("lightspeed-c.csv", 3)["address"]["line1"] == "Keizersgracht 12 a"  # type: ignore[index]  # a draft is a mapping
    assert one("odoo-en.csv", 2)["kind"] == "company"
    assert one("woocommerce-analytics.csv", 2)["first_name"] == "Hélène"


def test_consent_that_is_not_known_stays_unknown() -> None:
    assert "consents" not in one("square.csv", 4)
    assert "consents" not in one("prestashop-template.csv", 4)


def test_no_password_comes_near_a_draft() -> None:
    for path in CAPTURES.glob("*.csv"):
        if "product" not in path.name:
            said = repr([line.draft for line in read_customers([path.read_bytes()]).lines])
            assert not any(secret in said for secret in ("secret", "123456789'", "$P$B"))
