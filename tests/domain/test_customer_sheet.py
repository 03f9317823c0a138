import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.customer_draft import CustomerDraft
from daemon.domain.customer_sheet import Remark, read_customers, write_customers
from daemon.errors import OperatorMistake


def test_a_file_is_read_line_by_line_with_its_report() -> None:
    raw = (
        "Nom;Prénom;E-mail;Mot de passe;Téléphone;Tel\n"
        "Lefèvre;Zoé;zoe@example.com;secret;;0199001234\n"
        "Martin;;pas une adresse;;0199005678;0199001234\n"
        ";;;;;\n"
        ";;;secret;;\n"
        "A;B;C;D;E;F;G\n"
    ).encode("cp1252")
    sheet = read_customers([raw])
    assert sheet.fields == ("last_name", "first_name", "email", "phone")
    assert sheet.remarks == (
        Remark(line=1, column="Mot de passe", sentence="the column is left out: passwords are never imported"),
    )
    lines = list(sheet.lines)
    assert [(line.line, line.draft) for line in lines] == [
        (
            2,
            {
                "last_name": "Lefèvre",
                "first_name": "Zoé",
                "email": "zoe@example.com",
                "phone": "+33199001234",
                "kind": "person",
            },
        ),
        (3, {"last_name": "Martin", "phone": "+33199005678", "kind": "person"}),
        (5, None),
        (6, None),
    ]
    assert [remark for line in lines for remark in line.remarks] == [
        Remark(line=3, column="E-mail", sentence="the e-mail address has no @"),
        Remark(line=5, column="", sentence="the line names nobody"),
        Remark(line=6, column="", sentence="the line is skipped: the line has 7 cells and the headings are 6"),
    ]


def test_a_file_whose_first_line_is_no_heading_is_refused_without_repeating_it() -> None:
    with pytest.raises(OperatorMistake) as refused:
        read_customers([b"Lefevre;Sophie\nMartin;Paul\n"])
    assert str(refused.value) == "the first line names no column of customers, such as Nom, Prénom, E-mail"


def test_formulas_are_guarded_in_the_written_file() -> None:
    evil = CustomerDraft(kind="person", last_name='=HYPERLINK("http://example.com")', note="-1+1")
    text = b"".join(write_customers([evil])).decode("utf-8-sig")
    assert '"\'=HYPERLINK(""http://example.com"")"' in text
    assert ";'-1+1;" in text


@pytest.mark.parametrize(("language", "heading", "yes"), [("fr", "Prénom", "oui"), ("en", "First name", "yes")])
def test_the_file_speaks_the_language_of_the_chain(language: str, heading: str, yes: str) -> None:
    draft = CustomerDraft(kind="company", company_name="A", consents={"sms": "granted"})
    text = b"".join(write_customers([draft], language)).decode("utf-8-sig")
    assert heading in text.splitlines()[0].split(";")
    assert yes in text.splitlines()[1].split(";")


_VISIBLE = st.characters(exclude_categories=["Cs", "Cc", "Cf", "Cn", "Co", "Zs", "Zl", "Zp"])
_WORD = st.text(_VISIBLE, min_size=1, max_size=12) | st.sampled_from(
    ["=1+1", "'t Hooft", "a;b", 'x"y', "-5", "@x", "''"]
)
_LINE = st.lists(_WORD, min_size=1, max_size=3).map(" ".join)
_LISTED = st.lists(
    _WORD.filter(lambda word: not set(word) & set(",;|")), min_size=1, max_size=3, unique_by=str.casefold
)
_MOBILE = st.integers(0, 9999).map(lambda n: f"+3363998{n:04d}")
_FIXED = st.integers(0, 9999).map(lambda n: f"+3319900{n:04d}")
_PERSON = st.fixed_dictionaries(
    {"kind": st.just("person"), "last_name": _LINE},
    optional={
        "first_name": _LINE,
        "civility": st.sampled_from(["M.", "Mme", "Dr"]),
        "company_name": _LINE,
        "siret": st.just("73282932000074"),
        "vat_number": st.just("FR40303265045"),
        "code": _WORD,
        "email": st.just("Zoe@Example.com"),
        "mobile": _MOBILE,
        "phone": _FIXED,
        "address": st.fixed_dictionaries(
            {"country": st.just("FR"), "line1": _LINE},
            optional={"line2": _LINE, "postal_code": st.just("44000"), "city": _LINE},
        ),
        "birthday": st.sampled_from(["--02-29", "1980-05-17"]),
        "language": st.sampled_from(["fr", "br"]),
        "member_number": _WORD,
        "tags": st.lists(st.sampled_from(["VIP", "Été", "=x", "'"]), min_size=1, unique=True),
        "note": st.lists(_LINE, min_size=1, max_size=5).map("\n".join),
        "cards": _LISTED,
        "consents": st.dictionaries(
            st.sampled_from(["newsletter", "contests", "email", "sms", "phone", "post"]),
            st.sampled_from(["granted", "refused"]),
            min_size=1,
        ),
    },
)


@given(st.lists(_PERSON, max_size=4), st.sampled_from(["fr", "en"]))
def test_what_is_written_is_read_back_the_same(drafts: list[CustomerDraft], language: str) -> None:
    lines = list(read_customers(write_customers(drafts, language)).lines)
    assert [line.remarks for line in lines] == [()] * len(drafts)
    assert [line.draft for line in lines] == drafts


@given(st.binary(max_size=300))
def test_no_bytes_break_the_import(raw: bytes) -> None:
    for line in read_customers([b"Nom;E-mail;Mobile;CP\n", raw]).lines:
        assert line.draft is not None or line.remarks
