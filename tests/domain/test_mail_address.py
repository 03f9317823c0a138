import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.mail_address import key_of, parse
from daemon.errors import OperatorMistake


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Sophie.Lefevre@Example.COM", "sophie.lefevre@example.com"),
        ("  a@b.fr ", "a@b.fr"),
        ("o'connor+till@sub.example.org", "o'connor+till@sub.example.org"),
        ("x@MÜLLER.example", "x@xn--mller-kva.example"),
        ("x@xn--mller-kva.example", "x@xn--mller-kva.example"),
        ("jean_paul-1@mail.example-shop.fr", "jean_paul-1@mail.example-shop.fr"),
    ],
)
def test_an_address_keeps_what_was_typed_and_has_one_key(typed: str, key: str) -> None:
    address = parse(typed)
    assert address.key == key
    assert address.typed == typed.strip()


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "the e-mail address is empty"),
        ("sophie", "the e-mail address has no @"),
        ("@example.com", "nothing stands before the @ of the e-mail address"),
        ("a@b@example.com", "an e-mail address has one @"),
        ("a b@example.com", "an e-mail address has no space"),
        ("a@exa mple.com", "an e-mail address has no space"),
        ("hélène@example.com", "an e-mail address has no accent before the @"),
        (".a@example.com", "a sign or a dot before the @ of the e-mail address is not possible there"),
        ("a..b@example.com", "a sign or a dot before the @ of the e-mail address is not possible there"),
        ("a,b@example.com", "a sign or a dot before the @ of the e-mail address is not possible there"),
        ('"a"@example.com', "a sign or a dot before the @ of the e-mail address is not possible there"),
        ("a@example", "what follows the @ of the e-mail address is no domain name"),
        ("a@", "what follows the @ of the e-mail address is no domain name"),
        ("a@-x.com", "what follows the @ of the e-mail address is no domain name"),
        ("a@x..com", "what follows the @ of the e-mail address is no domain name"),
        ("a@é..com", "what follows the @ of the e-mail address is no domain name"),
        ("a@192.168.1.1", "what follows the @ of the e-mail address is no domain name"),
        ("a@[192.168.1.1]", "what follows the @ of the e-mail address is no domain name"),
        ("a" * 65 + "@example.com", "at most 64 characters stand before the @ of an e-mail address"),
        ("a" * 300, "an e-mail address has at most 254 characters"),
        ("a@" + "b" * 64 + ".com", "what follows the @ of the e-mail address is no domain name"),
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(typed: str, reason: str) -> None:
    with pytest.raises(OperatorMistake) as refused:
        parse(typed)
    assert str(refused.value) == f"email: {reason}"
    assert refused.value.field == "email"
    assert key_of(typed) is None


@given(st.emails(domains=st.sampled_from(["example.com", "Example.NET", "é.example.org"])) | st.text(max_size=40))
def test_the_key_is_an_address_whose_key_is_itself(typed: str) -> None:
    key = key_of(typed)
    if key is not None:
        assert key_of(key) == key
        assert key_of(typed.upper()) in {key, None}  # ß has no upper case in a domain
        assert key == key.lower()
        assert key.isascii()


@given(st.text(alphabet="aé@.-ßİ\ud800 x", max_size=20))
def test_any_text_is_an_address_or_refused(typed: str) -> None:
    key_of(typed)


@given(
    st.emails()
    | st.text(alphabet="aB9@.-+_ xn", max_size=90)
    | st.from_regex(r"\A[a-zA-Z.]{1,70}@[a-zA-Z0-9.-]{1,80}\Z")
)
def test_the_usual_way_of_writing_gives_the_key_of_the_long_way(typed: str) -> None:
    try:
        expected: str | None = parse(typed).key
    except OperatorMistake:
        expected = None
    assert key_of(typed) == expected
