from daemon.demo.status_table import rows_drawn
from daemon.demo.words import Speech

TILL = {
    "name": "caisse-1",
    "shop": "Nantes Beaulieu",
    "state": "ready",
    "line": "cut",
    "online": False,
    "waiting": 1843,
    "offset": 59,
    "equal": None,
    "memory_mib": 61.7,
    "printer": "no_paper",
    "address": "http://127.0.0.1:8101/caisse",
}
BROKER = {"name": "broker", "state": "ended", "memory_mib": None}


def test_what_is_not_known_stays_blank() -> None:
    title, till, broker = rows_drawn([TILL, BROKER], Speech("en")).splitlines()
    assert title.split()[-1] == "Page"
    assert "1,843" in till
    assert "62 MiB" in till
    assert " no " in till
    assert broker.split() == ["broker", "down"]


def test_columns_stand_under_their_titles_in_french_too() -> None:
    title, till, _ = rows_drawn([TILL, BROKER], Speech("fr")).splitlines()
    assert till.index("coupée") == title.index("Ligne")
    assert till.index("sans papier") == title.index("Imprimante")
    assert title.index("À envoyer") + len("À envoyer") == till.index("1\u202f843") + len("1 843")
