"""Hub and tills that hear damaged messages of their own conversation: one input is a seed, which is a whole session.

Behind the parser stand the session, the relay and the store; they may refuse, set aside and greet again, not die.
"""

from typing_extensions import override

from daemon.store.verify import verify
from daemon.sync import wire
from tests.fakes.chance import Random
from tests.fuzz.mutation import changed, damaged, packed
from tests.fuzz.parser import Parser
from tests.fuzz.wire_parser import PARTS, parts_of
from tests.simulation.broker import PRESENCE, Broker
from tests.simulation.machine import Machine
from tests.simulation.operations import Add, Create, Edit, Scenario
from tests.simulation.running import folder
from tests.simulation.world import World

MESSAGES = 60


class Ear(Broker):
    """A broker that remembers what it carried last."""

    heard: list[tuple[Machine, str, bytes]]

    @override
    def _carry(self, to: Machine, topic: str, payload: bytes) -> None:
        if topic != PRESENCE:
            self.heard.append((to, topic, payload))
            del self.heard[:-40]
        super()._carry(to, topic, payload)


def make(chance: Random) -> bytes:
    """A seed."""
    return chance.randbytes(8)


def check(raw: bytes) -> str:
    """A session in which every other message is damaged; afterwards an edit still travels from till to hub."""
    chance = Random(raw.hex())
    with folder() as place:
        world = World(Scenario(int.from_bytes(raw[:4], "big")), place)
        ear = Ear(world, world.broker.weather, world.broker.chance)
        ear.heard = []
        world.broker = ear
        try:
            world.run_for(3000)
            for number in range(MESSAGES):
                _live(world, chance, number)
                _disturb(ear, chance)
                world.run_for(chance.choice((1, 50, 400)))
            return _judged(world)
        finally:
            for machine in world.machines:
                machine.stop()


def _live(world: World, chance: Random, number: int) -> None:
    at = chance.randrange(4)
    match chance.randrange(6):
        case 0:
            world.act(Create(at, number))
        case 1:
            world.act(Edit(at, chance.randrange(9), chance.randrange(6), number))
        case 2:
            world.act(Add(at, chance.randrange(9), 3, number))
        case _:
            pass


def _disturb(ear: Ear, chance: Random) -> None:
    if not ear.heard:
        return
    to, topic, payload = chance.choice(ear.heard)
    if chance.random() < 0.2:
        to.receive(topic, damaged(chance, payload))
        return
    number, value = parts_of(payload)
    for _ in range(chance.choice((1, 1, 2))):
        value = changed(chance, value, PARTS)
    to.receive(topic, bytes((wire.VERSION, number, 0)) + packed(chance, value))


def _judged(world: World) -> str:
    """Every file is sound, and what is saved now is heard."""
    for machine in world.machines:
        machine.boot()
    world.run_for(60_000)
    for machine in world.machines:
        assert machine.is_on, f"{machine.name} does not run"
        found = verify(machine.conn.plain)
        assert found.is_sound, f"{machine.name}: {found.faults}"
    return "accepted"


BOXES = Parser(name="boxes", make=make, check=check, heavy=200, whole_sessions=True, slow_s=10.0)
