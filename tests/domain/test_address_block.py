from daemon.domain.address_block import Addressee, address_block

HELENE = Addressee(
    name="Mme Hélène Lebœuf",
    line1="12 rue de la Fontaine",
    line2="Bâtiment B",
    postal_code="29200",
    city="Brest",
)


def test_the_lines_stand_in_the_order_of_the_post() -> None:
    assert address_block(HELENE, 38) == (
        "Mme Hélène Lebœuf",
        "Bâtiment B",
        "12 rue de la Fontaine",
        "29200 BREST",
    )


def test_a_country_is_written_abroad_and_what_is_empty_leaves_no_line() -> None:
    abroad = Addressee(name="Maison Verte", company="Paul Morel", city="Liège", country="belgique")
    assert address_block(abroad, 38) == ("Maison Verte", "Paul Morel", "LIÈGE", "BELGIQUE")
    assert address_block(Addressee(name="Paul"), 38) == ("Paul",)


def test_no_line_is_wider_than_the_paper() -> None:
    assert address_block(HELENE, 16) == (
        "Mme Hélène",
        "Lebœuf",
        "Bâtiment B",
        "12 rue de la",
        "Fontaine",
        "29200 BREST",
    )
