from daemon.domain.badge import BadgeFace, FindingKind, Slot
from daemon.domain.badge_text import Emphasis, text_badge
from daemon.domain.card_symbol import SymbolWish

FACE = BadgeFace(
    chain="Maison Kermarrec",
    title="Carte de fidélité",
    first_name="Hélène",
    last_name="Lebœuf",
    number="3760123456784",
    note="À présenter à chaque achat",
)


def test_a_text_badge_says_who_it_is_in_large_letters() -> None:
    badge = text_badge(FACE, 48)
    assert [(line.text, line.emphasis) for line in badge.above] == [
        ("Maison Kermarrec", Emphasis.BOLD),
        ("Carte de fidélité", Emphasis.PLAIN),
        ("Hélène", Emphasis.LARGE),
        ("Lebœuf", Emphasis.LARGE),
    ]
    assert [line.text for line in badge.below] == ["À présenter à chaque achat"]
    assert badge.findings == ()


def test_a_copy_says_duplicata() -> None:
    assert "DUPLICATA" in [line.text for line in text_badge(FACE, 48, duplicata=True).above]


def test_a_long_name_is_set_smaller_before_it_is_cut() -> None:
    long = BadgeFace(chain="", title="", last_name="de La Rochefoucauld-Montmorency", number="1", wish=SymbolWish.BARS)
    smaller = text_badge(long, 32)
    assert [(line.text, line.emphasis) for line in smaller.above] == [
        ("de La Rochefoucauld-Montmorency", Emphasis.BOLD)
    ]
    cut = text_badge(long, 20)
    assert cut.above[0].text == "de La Rochefoucauld-"
    assert [(finding.kind, finding.slot) for finding in cut.findings] == [(FindingKind.SHORTENED, Slot.NAME)]


def test_what_the_code_page_lacks_is_replaced_and_reported() -> None:
    badge = text_badge(BadgeFace(chain="", title="", first_name="Ősz", last_name="Жанна €œ", number="1"), 48)
    assert [line.text for line in badge.above] == ["Osz", "????? €œ"]
    assert [(finding.slot, finding.detail) for finding in badge.findings] == [(Slot.NAME, "Ő"), (Slot.NAME, "Жан")]
    assert "Ő" not in repr(badge.findings)


def test_a_code_page_without_ligatures_says_them_in_two_letters() -> None:
    badge = text_badge(FACE, 48, codec="cp858")
    assert [line.text for line in badge.above] == ["Maison Kermarrec", "Carte de fidélité", "Hélène", "Leboeuf"]
    assert [(finding.slot, finding.detail) for finding in badge.findings] == [(Slot.NAME, "œ")]
