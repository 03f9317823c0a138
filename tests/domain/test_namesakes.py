"""Nobody who is there is denied; nearly nobody else is held for a namesake."""

from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.element import Element
from daemon.domain.folding import fold
from daemon.domain.ids import EntityId
from daemon.domain.import_line import NUMBER
from daemon.domain.kinds import Kind
from daemon.domain.namesakes import Namesakes, names_of

STAMP = (1, 1, 1)


def row(name: tuple[str, ...] | None, code: str, *, company: str = "") -> Element:
    fields: dict[int, object] = {NUMBER("address"): ("1 rue Haute", "", code, "Nantes", "FR")}
    if name is not None:
        fields[NUMBER("name")] = name
    if company:
        fields[NUMBER("company_name")] = company
    return Element(Kind.CUSTOMER, EntityId(b"a" * 8), b"", STAMP, fields, {})


@given(st.tuples(st.text(max_size=9), st.text(max_size=9)), st.text(min_size=1, max_size=6), st.text(max_size=9))
def test_whoever_was_learned_is_found_by_each_of_their_names(name: tuple[str, str], code: str, company: str) -> None:
    known = Namesakes()
    known.learn([row(name, code, company=company)])
    assert known.may_have(fold(" ".join(name)), code)
    assert known.may_have(fold(company), code)


def test_a_name_is_looked_for_as_it_is_spelt_anywhere_but_not_at_another_place() -> None:
    known = Namesakes()
    known.learn([row(("Hélène", "Le Goff"), "44000"), row(None, "29200", company="Maison Œuvray")])
    assert known.may_have(fold("HELENE le-goff"), "44000")
    assert known.may_have(fold("maison oeuvray"), "29200")
    assert not known.may_have(fold("Hélène Le Goff"), "29200")
    assert not known.may_have(fold("Hélène Goff"), "44000")


def test_who_has_no_postal_code_is_nobody_s_namesake() -> None:
    known = Namesakes()
    known.learn([row(("Hélène", "Le Goff"), "")])
    assert not known.may_have(fold("Hélène Le Goff"), "")
    assert names_of(row(("Hélène", "Le Goff"), "")) == {"helene le goff", ""}


def test_of_a_hundred_thousand_hardly_any_other_is_held_for_one() -> None:
    known = Namesakes()
    known.learn(row((f"anne{at}", "durand"), "44000") for at in range(50_000))
    wrong = sum(known.may_have(f"anne{at} durand", "44100") for at in range(20_000))
    assert wrong < 40
