"""The audit trail in the file, and what head office keeps of the trails of its tills."""

from typing import Any

from daemon.domain.audit import Place, key_from
from daemon.head_office.performer import note
from daemon.hub import commands as do
from daemon.store import audit
from daemon.sync import wire
from daemon.sync.till_facts import Fact, audit_fact, audit_places
from tests.store.small_chain import EMAIL, NOW, Site, SmallChain

KEY = key_from(b"k" * 32)


def audited() -> SmallChain:
    chain = SmallChain()
    chain.one.replica.audit_key = KEY
    chain.one.create()
    for number in range(70):
        chain.one.edit({EMAIL: f"{number}@example.org"})
    return chain


def report(chain: SmallChain, site: Site) -> int | None:
    """The till reports; the first act that head office heard told otherwise."""
    facts: dict[int, Any] = {Fact.AUDIT: audit_fact(audit.places_to_tell(site.conn))}
    said = wire.decode(wire.encode(wire.Report(NOW, 0, 0, "1", facts)))
    assert isinstance(said, wire.Report)
    chain.hub.unit(lambda conn: note(conn, do.Note(2, report=said), now_ms=NOW))
    return audit.witness_of(chain.hub.conn, 2).changed_at


def test_without_a_key_no_act_is_noted() -> None:
    chain = SmallChain()
    chain.one.create()
    assert audit.end(chain.one.conn) == Place()


def test_an_act_names_the_record_that_was_saved_with_it() -> None:
    chain = audited()
    (last,) = audit.acts_before(chain.one.conn, 1000, limit=1)
    assert last.record == (chain.one.replica.boot, chain.one.replica.n)
    assert audit.verdict(chain.one.conn, KEY).broken_at is None


def test_head_office_finds_a_trail_that_was_linked_anew_with_the_key_and_forgives_when_told_to() -> None:
    chain = audited()
    one, hub = chain.one, chain.hub
    assert report(chain, one) is None
    assert not hub.unit(lambda conn: audit.accept(conn, 2))

    def forge(conn: object) -> None:
        acts = audit.acts_before(one.conn, 99, limit=99)[-2::-1]
        one.conn.execute("DELETE FROM audit")
        one.conn.execute("DELETE FROM meta WHERE name = 'audit_end'")
        for act in acts:
            audit.note(one.conn, one.replica, act.actor, act.what, now_ms=NOW, of=(act.about, act.record))

    one.unit(forge)
    assert audit.verdict(one.conn, KEY).broken_at is None, "the file alone does not betray it"
    assert report(chain, one) == 64
    chain.one.edit({EMAIL: "z@example.org"})
    assert report(chain, one) == 64, "it stays so until somebody has looked"
    assert hub.unit(lambda conn: audit.accept(conn, 2))
    assert report(chain, one) is None


def test_an_old_image_of_the_disk_is_seen_by_its_shorter_trail() -> None:
    chain = audited()
    assert report(chain, chain.one) is None
    short = audited()
    short.one.conn.execute("DELETE FROM audit WHERE n > 66")
    short.one.conn.execute("DELETE FROM meta WHERE name = 'audit_end'")
    chain.hub.unit(lambda conn: audit.hear(conn, 2, [Place(64, audit.places_to_tell(chain.one.conn)[0].link)]))
    assert audit.witness_of(chain.hub.conn, 2).changed_at == 65


def test_what_a_till_tells_that_is_no_place_is_not_believed() -> None:
    for said in (None, 7, ((1,),), ((0, b"l" * 16),), ((1, b"short"),), (("1", b"l" * 16),), ((1, b"l" * 16),) * 9):
        assert audit_places({Fact.AUDIT: said}) == ()
    assert audit_places({}) == ()
