"""Customers over HTTP: found by what somebody remembers."""

import pytest

from daemon.domain.role import Role
from daemon.store.database import Connection
from tests.fakes.counter import Browser
from tests.web.people import HELENE, PAUL, create, found_by, refused


@pytest.mark.feature("A1.6")
@pytest.mark.parametrize(
    ("typed", "field", "nearness"),
    [
        ("lefevre", "last_name", "word"),
        ("HELENE", "first_name", "word"),
        ("maison b", "company_name", "beginning"),
        ("helene.lefevre@example.org", "email", "exact"),
        ("C012000001", "code", "exact"),
        ("44000", "postal_code", "word"),
        ("06 39 98", "mobile", "beginning"),
        ("06 39 98 12 34", "mobile", "exact"),
        ("+33 1 99 00", "phone", "beginning"),
        ("290000042187", "card", "exact"),
        ("2900 0004", "card", "beginning"),
        ("fidele", "tag", "word"),
        ("a77", "member_number", "exact"),
        ("nant", "city", "beginning"),
    ],
)
async def test_a_customer_is_found_by_what_somebody_remembers(
    browser: Browser, typed: str, field: str, nearness: str
) -> None:
    made = await create(browser, HELENE)
    hits = (await found_by(browser, typed))["hits"]
    assert [hit["customer"]["id"] for hit in hits] == [made["id"]]
    assert field in [match["field"] for match in hits[0]["matches"]], hits
    assert nearness in [match["nearness"] for match in hits[0]["matches"]]


@pytest.mark.feature("A1.3")
@pytest.mark.parametrize("typed", ["l", "h", "evr", "lene", "vrard", "xampl"])
async def test_one_letter_finds_beginnings_and_three_find_any_part_of_a_name_or_mail(
    browser: Browser, typed: str
) -> None:
    await create(browser, HELENE)
    assert len((await found_by(browser, typed))["hits"]) == 1


@pytest.mark.feature("A1.4")
@pytest.mark.parametrize("typed", ["helene", "HÉLÈNE", "oeuvrard", "Œuvrard", "lefèvre œuv"])
async def test_case_and_accents_do_not_count(browser: Browser, typed: str) -> None:
    await create(browser, HELENE)
    assert len((await found_by(browser, typed))["hits"]) == 1


LE_GOFF = {"kind": "company", "company_name": "S.A.R.L. Le Goff et Fils"}
DUPONT = {"kind": "company", "company_name": "SARL Garage Dupont"}
DE_LA_TOUR = {"first_name": "Jean-Paul", "last_name": "de la Tour"}
SAINT_MARTIN = {"first_name": "Jean-Paul", "last_name": "Saint-Martin"}


@pytest.mark.feature("A1.5")
@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("dupont sas", ["SARL Garage Dupont"]),
        ("dupont s.a.r.l.", ["SARL Garage Dupont"]),
        ("sarl le goff", ["S.A.R.L. Le Goff et Fils"]),
        ("legoff", ["S.A.R.L. Le Goff et Fils"]),
        ("jp saint martin", ["Jean-Paul Saint-Martin"]),
        ("j.p. saint martin", ["Jean-Paul Saint-Martin"]),
        ("jp", ["Jean-Paul Saint-Martin", "Jean-Paul de la Tour"]),
        ("delatour", ["Jean-Paul de la Tour"]),
        ("latour", ["Jean-Paul de la Tour"]),
        ("sas", []),
    ],
)
async def test_forms_of_companies_initials_and_particles_are_typed_as_one_likes(
    browser: Browser, typed: str, names: list[str]
) -> None:
    for who in (LE_GOFF, DUPONT, DE_LA_TOUR, SAINT_MARTIN):
        await create(browser, who)
    hits = (await found_by(browser, typed))["hits"]
    assert sorted(hit["customer"]["display_name"] for hit in hits) == names
    assert all(hit["matches"] for hit in hits)


async def test_a_hit_underlines_the_letters_as_they_are_written(browser: Browser) -> None:
    await create(browser, HELENE)
    (hit,) = (await found_by(browser, "oeuv lef 0639"))["hits"]
    shown = {match["field"]: [match["text"][a:b] for a, b in match["ranges"]] for match in hit["matches"]}
    assert shown == {"last_name": ["Lef", "Œuv"], "mobile": ["06 39"]}


@pytest.mark.feature("A1.2")
async def test_the_shape_of_the_text_picks_the_fields(browser: Browser) -> None:
    by_code = await create(browser, PAUL | {"code": "4400"})
    by_place = await create(browser, HELENE | {"address": {"postal_code": "44000", "city": "Nantes"}, "code": "B2"})
    hits = (await found_by(browser, "4400"))["hits"]
    assert [hit["customer"]["id"] for hit in hits] == [by_code["id"], by_place["id"]]
    assert [hit["matches"][0]["nearness"] for hit in hits] == ["exact", "beginning"]


async def test_whole_words_come_before_beginnings_and_beginnings_before_parts(browser: Browser) -> None:
    for last in ("Dumartin", "Martineau", "Martin"):
        await create(browser, {"first_name": "A", "last_name": last, "email": f"{last}@example.org"})
    hits = (await found_by(browser, "martin"))["hits"]
    assert [hit["customer"]["last_name"] for hit in hits] == ["Martin", "Martineau", "Dumartin"]


@pytest.mark.feature("A1.7")
async def test_a_list_that_is_cut_says_so(browser: Browser) -> None:
    for at in range(7):
        await create(browser, {"first_name": "Luc", "last_name": "Durand", "email": f"luc{at}@example.org"})
    cut = await found_by(browser, "durand", limit="5")
    assert (len(cut["hits"]), cut["total"], cut["cut"], cut["more_than"]) == (5, 7, True, False)
    whole = await found_by(browser, "durand", limit="50")
    assert (len(whole["hits"]), whole["total"], whole["cut"]) == (7, 7, False)


@pytest.mark.feature("A2.1")
async def test_all_is_found_with_no_line_to_anywhere(browser: Browser) -> None:
    await create(browser, HELENE)
    assert (await browser.get("/replication")).json["link"] is None
    assert len((await found_by(browser, "lefevre"))["hits"]) == 1


@pytest.mark.feature("A2.2")
async def test_an_answer_tells_the_age_of_the_copy_and_what_waits(browser: Browser) -> None:
    await create(browser, HELENE)
    copy = (await found_by(browser, "nobody"))["copy"]
    assert (copy["waiting"], copy["proved_at"], copy["age_s"]) == (1, None, None)
    proved_ms = browser.counter.clock.at_ms

    def prove(conn: Connection) -> None:
        conn.execute(
            "INSERT INTO cursor (reach, number, generation, feed_offset, chain, proved_offset, proved_ms)"
            " VALUES (0, 0, 1, 0, x'', 0, ?)",
            (proved_ms,),
        )

    await browser.counter.database.write(prove)
    browser.counter.clock.at_ms += 90_000
    copy = (await found_by(browser, "nobody"))["copy"]
    assert copy["age_s"] == 90
    assert copy["proved_at"].startswith("2025-10-09T")


@pytest.mark.feature("A4.8")
async def test_a_payment_card_that_somebody_types_is_not_looked_up(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    number = "4970 1000 0000 0014"
    caplog.set_level("DEBUG")
    refused(await browser.get("/customers", params={"q": number}), 422, "q")
    refused(await browser.post("/customers", PAUL | {"cards": [number]}), 422, "number")
    refused(await browser.post("/customers", PAUL | {"code": number}), 422, "code")
    refused(await browser.post("/identify", {"code": number}), 422, "code")
    assert "4970" not in caplog.text
    assert (await browser.get("/customers", params={"q": "2900 0000 0000 0000"})).status == 200, "one of our own"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "%",
        '"',
        "'; DROP",
        "*",
        "AND",
        "NEAR(a b)",
        "\x00",
        "ß",
        "𞤀𞤁",
        "ab\u034fcd",
        "a\u07a6b",
        "\U000104b0x",
        "()",
        "a" * 500,
    ],
)
async def test_no_text_breaks_the_search(browser: Browser, text: str) -> None:
    await create(browser, HELENE)
    assert (await browser.get("/customers", params={"q": text})).status == 200


@pytest.mark.parametrize("limit", ["x", "-1", "1e3", "99999999999"])
async def test_a_limit_is_a_number(browser: Browser, limit: str) -> None:
    refused(await browser.get("/customers", params={"q": "a", "limit": limit}), 422, "limit")


async def test_a_monitor_sees_figures_and_nobody(browser: Browser) -> None:
    browser.token = await browser.counter.token(Role.MONITOR)
    assert (await browser.get("/customers", params={"q": "a"})).status == 403
    assert (await browser.get("/metrics")).status == 200


@pytest.mark.feature("A1.5")
@pytest.mark.parametrize(
    ("typed", "nearness", "field", "underlined"),
    [
        ("lefebvre", "sounds_like", "last_name", "Lefèvre"),
        ("elene lefaivre", "sounds_like", "last_name", "Lefèvre"),
        ("lefvère", "typing", "last_name", "Lefèvre"),
        ("hleene", "typing", "first_name", "Hélène"),
        ("nantes helenne", "sounds_like", "first_name", "Hélène"),
        ("oeuvrrad", "typing", "last_name", "Œuvrard"),
    ],
)
async def test_slips_of_typing_and_names_that_sound_the_same_are_found_and_said_to_be_almost(
    browser: Browser, typed: str, nearness: str, field: str, underlined: str
) -> None:
    made = await create(browser, HELENE)
    await create(browser, PAUL)
    hits = (await found_by(browser, typed))["hits"]
    assert [hit["customer"]["id"] for hit in hits] == [made["id"]]
    (match,) = [match for match in hits[0]["matches"] if match["field"] == field]
    assert match["nearness"] == nearness
    assert underlined in [match["text"][start:end] for start, end in match["ranges"]]
    assert (await found_by(browser, typed, almost="0"))["hits"] == []


@pytest.mark.feature("A1.5")
async def test_who_is_almost_called_so_comes_after_who_is_called_so(browser: Browser) -> None:
    for last in ("Munier", "Meunier", "Maunier", "Monier"):
        await create(browser, {"first_name": "A", "last_name": last, "email": f"{last}@example.org"})
    hits = (await found_by(browser, "meunier"))["hits"]
    assert [hit["customer"]["last_name"] for hit in hits][:2] == ["Meunier", "Munier"]
    assert [hit["matches"][0]["nearness"] for hit in hits][:2] == ["word", "sounds_like"]


async def test_many_hits_are_not_followed_by_almost_hits(browser: Browser) -> None:
    for at in range(5):
        await create(browser, {"first_name": "Luc", "last_name": "Meunier", "email": f"luc{at}@example.org"})
    await create(browser, {"first_name": "Luc", "last_name": "Munier", "email": "luc@example.org"})
    found = await found_by(browser, "meunier")
    assert (len(found["hits"]), found["total"], found["cut"]) == (5, 5, False)
    assert len((await found_by(browser, "meunié"))["hits"]) >= 5


async def test_an_almost_list_that_is_cut_says_so(browser: Browser) -> None:
    for at in range(7):
        await create(browser, {"first_name": "Luc", "last_name": "Munier", "email": f"luc{at}@example.org"})
    cut = await found_by(browser, "meunier", limit="5")
    assert (len(cut["hits"]), cut["total"], cut["cut"]) == (5, 7, True)
