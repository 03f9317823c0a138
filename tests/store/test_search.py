"""Finding customers by words: from their beginning, any part of a name; in step with what the elements say."""

import pytest

from daemon.domain import authoring as wish
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import Kind
from daemon.domain.sound_key import sound_key
from daemon.store import customers, search, word_index
from daemon.store.index_merging import Parts
from tests.store.small_chain import ANNE, BRUNO, EMAIL, NAME, Site


@pytest.fixture
def here() -> Site:
    site = Site(2)
    site.anchor()
    site.commit(
        wish.create(
            Kind.CUSTOMER,
            ANNE,
            {NAME: ("Hélène", "Lefèvre-Œuvray"), EMAIL: "helene@example.org", 9: "+33612345678", 7: "C002 000017"},
        ),
        wish.add(Kind.CARD, ANNE, {1: "2 901234 567890"}),
        wish.add(Kind.TAG, ANNE, {1: "vip"}),
    )
    site.commit(
        wish.create(Kind.CUSTOMER, BRUNO, {NAME: ("Bruno", "Lefort"), 11: ("1 rue X", "", "44000", "Nantes", "FR")})
    )
    return site


def found(site: Site, *words: str, parts: bool = False) -> list[bytes]:
    hits = search.find(site.conn, words, limit=50, parts=parts)
    assert search.count(site.conn, words, parts=parts) == len(hits)
    return sorted(hits)


@pytest.mark.parametrize(
    ("words", "who"),
    [
        (("lef",), [ANNE, BRUNO]),
        (("hel", "lef"), [ANNE]),
        (("helene",), [ANNE]),
        (("0612345678",), []),
        (("c002000017",), []),
        (("vip",), [ANNE]),
        (("nantes", "44000"), [BRUNO]),
        (("lefevre", "bruno"), []),
        (("evre",), []),
        ((), []),
    ],
)
def test_customers_are_found_by_the_beginnings_of_their_words(
    here: Site, words: tuple[str, ...], who: list[bytes]
) -> None:
    assert found(here, *words) == who


def test_any_part_of_a_name_or_an_email_finds_too(here: Site) -> None:
    assert found(here, "evre", parts=True) == [ANNE]
    assert found(here, "fort", parts=True) == [BRUNO]
    assert found(here, "ampl", parts=True) == [ANNE]
    assert found(here, "ef", parts=True) == [], "two letters are looked up as a beginning"
    assert found(here, "antes", parts=True) == [], "towns are found by their beginning"
    assert found(here, "zzz", parts=True) == []


def test_as_many_names_hold_a_part_whether_or_not_somebody_else_has_them_in_an_e_mail() -> None:
    here = Site(2)
    here.anchor()
    names = [f"b{chr(97 + at // 8)}{chr(97 + at % 8)}zimir" for at in range(50)]
    for at, name in enumerate(names, start=1):
        here.commit(
            wish.create(Kind.CUSTOMER, bytes([at] * 8), {NAME: ("Luc", name)}),
            wish.create(Kind.CUSTOMER, bytes([at + 100] * 8), {NAME: ("Anne", "Autre"), EMAIL: f"{name}@example.org"}),
        )
    assert len(search.find(here.conn, ["zimir"], limit=500, parts=True)) == 100
    alike = [name for name in names if sound_key(name) == sound_key(names[0])]
    assert sorted(search.said_alike(here.conn, sound_key(names[0]), limit=len(alike))) == alike


def test_the_index_follows_every_change(here: Site) -> None:
    here.edit({NAME: ("Hélène", "Martin")})
    assert (found(here, "lefevre"), found(here, "martin"), found(here, "helene")) == ([], [ANNE], [ANNE])
    (tag,) = here.members(Kind.TAG)
    here.commit(wish.remove(tag))
    assert found(here, "vip") == []
    here.edit({EMAIL: "helene75bis@example.org"})
    assert found(here, "helene75bis") == found(here, "helene7") == [ANNE]
    assert found(here, "lene75", parts=True) == [ANNE]
    assert found(here, "helene76") == []


def test_a_thousand_changes_that_only_take_words_away_do_not_wear_the_index_out(here: Site) -> None:
    for number in range(60):
        here.edit({EMAIL: f"a{number}.b{number}@example.org"})
        here.edit({EMAIL: None})
    here.commit(wish.erase(Kind.ERASE, ANNE))
    here.commit(wish.erase(Kind.ERASE, BRUNO))
    assert found(here, "lef") == []
    here.conn.execute("INSERT INTO search (search) VALUES ('integrity-check')")


def test_a_tag_without_its_customer_is_not_listed() -> None:
    here = Site(2)
    here.anchor()
    here.commit(wish.add(Kind.TAG, ANNE, {1: "C1"}))
    assert found(here, "c1") == []
    here.create()
    assert found(here, "c1") == [ANNE]


@pytest.mark.parametrize(
    ("claim", "beginning", "who"),
    [
        (Claim.PHONE, "+33612", [ANNE]),
        (Claim.PHONE, "+33613", []),
        (Claim.CODE, "C0020", [ANNE]),
        (Claim.CARD, "2901", [ANNE]),
        (Claim.CARD, "291", []),
    ],
)
def test_numbers_are_found_by_their_beginning_among_the_look_ups(
    here: Site, claim: Claim, beginning: str, who: list[bytes]
) -> None:
    assert customers.beginning_with(here.conn, [(claim, beginning)], limit=9) == who


def test_no_more_numbers_are_looked_up_than_are_wanted(here: Site) -> None:
    for number in range(5):
        here.commit(wish.add(Kind.CARD, BRUNO, {1: f"29055{number}"}))
    both = [(Claim.CARD, "29"), (Claim.CODE, "C")]
    assert sorted(customers.beginning_with(here.conn, both, limit=9)) == [ANNE, BRUNO]
    assert len(customers.beginning_with(here.conn, both, limit=1)) == 1


def test_words_of_an_erased_customer_are_forgotten_unless_others_have_them(here: Site) -> None:
    here.commit(wish.create(Kind.CUSTOMER, b"third...", {NAME: ("Hélène", "Autre")}))
    here.commit(wish.erase(Kind.ERASE, ANNE))
    known = {text for (text,) in here.conn.execute("SELECT text FROM word")}
    assert "helene" in known
    assert not {"lefevre", "oeuvray"} & known
    assert found(here, "oeuv", parts=True) == []


def test_a_count_stops_where_nobody_counts_any_more(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "COUNT_MAX", 1)
    assert search.count(here.conn, ["lef"]) == 2
    assert len(search.find(here.conn, ["lef"], limit=1)) == 1


def test_whoever_is_known_is_not_counted_again(here: Site) -> None:
    term = search.term_of(here.conn, ["lef"])
    for limit in (0, 1, 2, 3):
        assert search.counted(here.conn, term, known=search.matching(here.conn, term, limit=limit), most=9) == 2
    assert search.counted(here.conn, "", most=9) == 0


def test_ids_are_row_numbers() -> None:
    for entity in (bytes(8), b"\xff" * 8, b"\x80" + bytes(7), ANNE):
        assert word_index.entity_of(word_index.rowid_of(entity)) == entity


def test_a_code_that_becomes_a_name_is_found_by_any_part(here: Site) -> None:
    here.edit({7: "Kerouac"})
    assert found(here, "erou", parts=True) == []
    here.edit({7: None, NAME: ("Hélène", "Kerouac")})
    assert found(here, "erou", parts=True) == [ANNE]


# Made again.


def test_an_index_that_is_made_again_finds_the_same_customer_by_customer(here: Site) -> None:
    assert not word_index.reindex_some(here.conn, customers=1), "it is whole"
    before = here.rows("SELECT term, doc, cnt FROM search_words")
    here.unit(word_index.begin_reindex)
    assert found(here, "lef") == []
    assert here.unit(lambda conn: word_index.reindex_some(conn, customers=1))
    assert found(here, "lef") == [ANNE]
    assert word_index.reindexed_up_to(here.conn) == ANNE
    while here.unit(lambda conn: word_index.reindex_some(conn, customers=1)):
        pass
    assert word_index.reindexed_up_to(here.conn) is None
    assert here.rows("SELECT term, doc, cnt FROM search_words") == before
    assert found(here, "evre", parts=True) == [ANNE]
    here.conn.execute("INSERT INTO search (search) VALUES ('integrity-check')")


@pytest.mark.parametrize("reached", [0, 1, 2])
def test_what_changes_meanwhile_is_indexed_once(here: Site, reached: int) -> None:
    here.unit(word_index.begin_reindex)
    for _ in range(reached):
        here.unit(lambda conn: word_index.reindex_some(conn, customers=1))
    here.edit({NAME: ("Hélène", "Kerouac")})
    here.edit({NAME: ("Bruno", "Kerouac")}, BRUNO)
    here.commit(wish.create(Kind.CUSTOMER, b"third...", {NAME: ("Zoé", "Kerouac")}))
    here.commit(wish.erase(Kind.ERASE, BRUNO))
    while here.unit(lambda conn: word_index.reindex_some(conn, customers=1)):
        pass
    assert found(here, "ker") == [ANNE, b"third..."]
    assert found(here, "lef") == []
    here.conn.execute("INSERT INTO search (search) VALUES ('integrity-check')")


def test_a_change_beside_a_damaged_row_makes_the_index_again(here: Site) -> None:
    here.conn.execute("UPDATE element SET body = x'00' WHERE kind = 4")
    here.edit({NAME: ("Hélène", "Kerouac")})
    assert word_index.reindexed_up_to(here.conn) == b""
    while here.unit(lambda conn: word_index.reindex_some(conn, customers=9)):
        pass
    assert found(here, "kerouac") == [ANNE]
    here.unit(word_index.reindex_skipped)
    assert word_index.reindexed_up_to(here.conn) == b"", "who was left out is indexed once the row is whole"


def test_of_the_erased_no_word_stays_in_an_index_that_became_small_again() -> None:
    here = Site(2)
    here.anchor()
    people = [bytes([200 - number]) * 8 for number in range(60)]
    for number, customer in enumerate(people):
        here.commit(wish.create(Kind.CUSTOMER, customer, {NAME: ("Anne", f"{chr(97 + number % 26)}zq{number:04d}x")}))
    for number, customer in enumerate(people):
        here.commit(wish.erase(Kind.ERASE, customer))
        marker = f"zq{number:04d}x".encode()
        assert not any(marker in block for (block,) in here.conn.execute("SELECT block FROM search_data")), number
        assert search.count(here.conn, ["anne"]) == len(people) - number - 1
    here.conn.execute("INSERT INTO search (search) VALUES ('integrity-check')")


def test_an_erasure_while_the_index_is_made_again_leaves_the_rest_to_the_sweep(
    here: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Parts, "are_in_last_level", property(lambda _: False))
    here.unit(word_index.begin_reindex)
    here.commit(wish.erase(Kind.ERASE, BRUNO))
    assert word_index.reindexed_up_to(here.conn) == b""
    while here.unit(lambda conn: word_index.reindex_some(conn, customers=1)):
        pass
    assert found(here, "lef") == [ANNE]
