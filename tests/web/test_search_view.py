"""Lines of the list: what is underlined, what stands outside the columns, how many there are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.desk.search_answer import CopyAge, CustomerBrief, Hit, MatchedText, SearchAnswer
from daemon.web.i18n import Words
from daemon.web.search_view import HitRow, Pieces, count_line, pieces, plain_row, rows_of

COPY = CopyAge(proved_at=None, age_s=None, waiting=0, waiting_since=None)


def answer(*hits: Hit, total: int | None = None, more: bool = False, cut: bool = False) -> SearchAnswer:
    return SearchAnswer(hits=hits, total=len(hits) if total is None else total, more_than=more, cut=cut, copy=COPY)


def match(field: str, text: str, *ranges: tuple[int, int]) -> MatchedText:
    return MatchedText(field=field, text=text, nearness="beginning", ranges=ranges)


def brief(**fields: str | None) -> CustomerBrief:
    return CustomerBrief(id="a" * 16, kind="person", display_name="Sophie Lefèvre", **fields)  # type: ignore[arg-type]  # the names of the test


def row(customer: CustomerBrief, *matches: MatchedText) -> HitRow:
    (found,) = rows_of(answer(Hit(customer=customer, matches=matches)))
    return found


def shown(found: Pieces) -> str:
    return "".join(f"[{text}]" if answers else text for text, answers in found)


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ([], "Lefèvre"),
        ([(0, 3)], "[Lef]èvre"),
        ([(3, 5), (0, 3)], "[Lef][èv]re"),
        ([(0, 4), (2, 5)], "[Lefè][v]re"),
        ([(5, 99)], "Lefèv[re]"),
        ([(4, 4), (9, 12)], "Lefèvre"),
    ],
)
def test_a_text_is_cut_at_the_borders_of_what_answered(ranges: list[tuple[int, int]], expected: str) -> None:
    assert shown(pieces("Lefèvre", ranges)) == expected


@given(st.text(max_size=12), st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=5))
def test_pieces_lose_no_letter_whatever_the_ranges(text: str, ranges: list[tuple[int, int]]) -> None:
    assert "".join(part for part, _ in pieces(text, ranges)) == text


def test_a_person_stands_under_the_last_name() -> None:
    found = row(brief(first_name="Sophie", last_name="Lefèvre"), match("first_name", "Sophie", (0, 4)))
    assert shown(found.name) == "Lefèvre [Soph]ie"


def test_a_company_stands_under_its_name_and_who_has_none_under_what_is_shown() -> None:
    company = CustomerBrief(id="a" * 16, kind="company", display_name="Atelier", company_name="Atelier")
    assert shown(plain_row(company).name) == "Atelier"
    assert shown(plain_row(brief()).name) == "Sophie Lefèvre"


def test_the_number_that_answered_is_the_one_that_is_shown() -> None:
    customer = brief(mobile_shown="06 39 98 12 34", phone_shown="02 40 00 00 00")
    assert shown(row(customer).telephone) == "06 39 98 12 34"
    assert shown(row(customer, match("phone", "02 40 00 00 00", (3, 5))).telephone) == "02 [40] 00 00 00"
    assert row(brief()).telephone == ()


def test_what_answered_outside_the_columns_is_named() -> None:
    customer = brief(mobile_shown="06 39 98 12 34")
    assert row(customer, match("mobile", "06 39 98 12 34", (0, 2))).extra is None
    stored = row(customer, match("mobile", "+33639981234", (0, 3))).extra
    assert stored is not None
    assert (stored[0], shown(stored[1])) == ("Mobile", "[+33]639981234")
    tag = row(customer, match("tag", "VIP", (0, 3))).extra
    assert tag is not None
    assert tag[0] == "Tag"


def test_the_count_says_how_many_there_are_and_whether_the_list_is_cut() -> None:
    words = Words("fr")
    one = Hit(customer=brief(), matches=())
    assert count_line(answer(one), words) == "1 client"
    assert count_line(answer(one, total=1843, cut=True), words) == "1 premiers sur 1\u202f843"
    assert count_line(answer(one, total=2000, cut=True, more=True), words) == "1 premiers sur plus de 2\u202f000"


def test_who_is_almost_called_so_is_said_to_be_so_and_the_farther_reason_is_given() -> None:
    sounds = MatchedText(field="last_name", text="Lefèvre", nearness="sounds_like", ranges=((0, 7),))
    slip = MatchedText(field="first_name", text="Luc", nearness="typing", ranges=((0, 3),))
    plain = match("city", "Nantes", (0, 3))
    assert row(brief(), plain).almost is None
    assert row(brief(), plain, sounds).almost == "almost: sounds the same"
    assert row(brief(), sounds, slip).almost == "almost: a slip of typing"
