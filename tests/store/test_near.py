"""Whom a query may have meant: the words put right among those that names have."""

import pytest

from daemon.domain import authoring as wish
from daemon.domain.kinds import Kind
from daemon.domain.ranking import Nearness, parse_query
from daemon.domain.sound_key import sound_key
from daemon.store import near
from daemon.store.word_index import begin_reindex, reindex_some
from tests.store.small_chain import ANNE, BRUNO, NAME, Site


@pytest.fixture
def here() -> Site:
    site = Site(2)
    site.anchor()
    site.commit(wish.create(Kind.CUSTOMER, ANNE, {NAME: ("Hélène", "Lefèvre")}))
    site.commit(wish.create(Kind.CUSTOMER, BRUNO, {NAME: ("Bruno", "Le Charpentier")}))
    return site


def found(site: Site, text: str, nearness: Nearness, *, is_answered: bool = False) -> list[bytes]:
    query = near.meant(site.conn, parse_query(text), nearness, is_answered=is_answered)
    return sorted(near.find(site.conn, query, limit=50))


@pytest.mark.parametrize(
    ("text", "nearness", "who"),
    [
        ("lefebvre", Nearness.SOUND, [ANNE]),
        ("elene lefaivre", Nearness.SOUND, [ANNE]),
        ("de la lefebvre", Nearness.SOUND, [ANNE]),
        ("lefevri", Nearness.SOUND, []),
        ("lefevri", Nearness.TYPING, [ANNE]),
        ("elfevre", Nearness.TYPING, [ANNE]),
        ("ehlene lefebvre", Nearness.TYPING, [ANNE]),
        ("chrapenteir", Nearness.TYPING, [BRUNO]),
        ("karpentire", Nearness.TYPING, []),
        ("hcarpentiqr", Nearness.TYPING, [BRUNO]),
        ("lecharpentier", Nearness.SOUND, [BRUNO]),
        ("lacharpentier", Nearness.SOUND, []),
        ("bruno lefebvre", Nearness.TYPING, []),
        ("0639981234", Nearness.TYPING, []),
        ("l", Nearness.TYPING, []),
        ("", Nearness.TYPING, []),
    ],
)
def test_words_are_put_right_one_by_one(here: Site, text: str, nearness: Nearness, who: list[bytes]) -> None:
    assert found(here, text, nearness) == who


def test_a_word_that_somebody_has_is_no_slip_when_somebody_answers(here: Site) -> None:
    here.commit(wish.create(Kind.CUSTOMER, b"third...", {NAME: ("Helena", "Autre")}))
    assert found(here, "helena", Nearness.TYPING, is_answered=False) == sorted([ANNE, b"third..."])
    assert found(here, "helena", Nearness.TYPING, is_answered=True) == []
    assert found(here, "hellne", Nearness.TYPING, is_answered=True) == [ANNE]


def sounds(site: Site) -> dict[str, str]:
    return dict(site.conn.execute("SELECT text, sound FROM word").fetchall())


def test_sounds_stay_with_their_words_through_edits_a_new_index_and_an_erasure(here: Site) -> None:
    assert sounds(here)["lefevre"] == sound_key("lefevre") != ""
    here.edit({NAME: ("Hélène", "Munier")})
    assert found(here, "meunier", Nearness.SOUND) == [ANNE]
    begin_reindex(here.conn)
    assert found(here, "meunier", Nearness.SOUND) == []
    while reindex_some(here.conn, customers=1):
        pass
    assert found(here, "meunier", Nearness.SOUND) == [ANNE]
    assert all(sound == sound_key(word) for word, sound in sounds(here).items())
    here.commit(wish.erase(Kind.ERASE, ANNE))
    assert not {"munier", "helene"} & sounds(here).keys()
