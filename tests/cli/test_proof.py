"""`comptoir customers proof|pin|refusals`, in a process of its own."""

import pytest

from daemon.desk.proof_shown import TypedPin
from daemon.desk.visits import NewVisit
from daemon.domain.ids import EntityId
from daemon.errors import Forbidden
from tests.fakes.comptoir import Comptoir
from tests.fakes.counter import Counter
from tests.fakes.people import known


@pytest.mark.feature("C12.2", "C12.5")
async def test_a_pin_is_set_from_standard_input_and_refusals_are_listed(comptoir: Comptoir, counter: Counter) -> None:
    await counter.choose_walk_in()
    paul = await known(counter, first_name="Paul", last_name="Morel", email="paul@example.org")
    before = await comptoir("customers", "proof", "paul@example.org", "--json")
    assert (before.code, before.json["pin"]) == (0, "none"), before.err
    trivial = await comptoir("customers", "pin", "paul@example.org", "--pin-stdin", typed="1234\n")
    assert (trivial.code != 0, "digits in a row" in trivial.err) == (True, True), trivial.err
    assert (await comptoir("customers", "pin", "paul@example.org")).code != 0, "nobody can type it there"
    kept = await comptoir("customers", "pin", "paul@example.org", "--pin-stdin", typed="4826\n")
    assert kept.code == 0, kept.err
    assert "4826" not in kept.out + kept.err
    assert counter.desks.visits is not None
    visit = await counter.desks.visits.open(counter.call(), NewVisit())
    id_ = EntityId(bytes.fromhex(visit.id))
    await counter.desks.visits.attach(counter.call(), id_, EntityId(bytes.fromhex(paul)))
    with pytest.raises(Forbidden, match="5 tries are left"):
        await counter.desks.proofs.prove(counter.call(), id_, TypedPin(pin="1111"))
    shown = await comptoir.in_french()("customers", "proof", "paul@example.org")
    assert "caisse 12\u00a0: 1 essais faux, 0 refus" in shown.out, shown.out
    listed = await comptoir("customers", "refusals")
    assert ("Paul Morel" in listed.out, "set" in listed.out) == (True, True)
    assert (await comptoir("customers", "refusals", "--json")).json["customers"][0]["customer"] == paul
