"""From a seed to a scenario: each seed draws its own weights, so that rare mixtures come up."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from daemon.domain.kinds import Kind
from tests.simulation import operations as op
from tests.simulation import recipes
from tests.simulation.acting import FIELDS, GUARDS
from tests.simulation.machine import EPOCH_MS

SITES = 4
"""The hub and three tills; a clone answers to the next number."""

Maker = Callable[[Random], op.Operation]
Recipe = Callable[[Random], list[op.Operation]]

YEAR_MS = 365 * 24 * 3_600_000


def scenario_of(seed: int) -> op.Scenario:
    """The scenario of a seed."""
    chance = Random(f"scenario {seed}")
    weights = {maker: weight * chance.choice((0, 1, 1, 3)) for maker, weight in FAULTS.items()}
    weights |= {maker: weight * chance.choice((0, 1, 2)) for maker, weight in ACTIONS.items()}
    weights[_wait] = max(weights[_wait], 6)
    weights[_edit] = max(weights[_edit], 6)
    makers, shares = list(weights), list(weights.values())
    people = chance.randrange(2, 5)
    start: list[op.Operation] = [op.Create(chance.randrange(SITES), chance.randrange(8)) for _ in range(people)]
    body = [maker(chance) for maker in chance.choices(makers, shares, k=chance.choice((15, 30, 50, 80)))]
    for recipe in chance.choices(RECIPES, k=chance.choice((0, 1, 2, 3, 4))):
        body = _riffle(chance, body, recipe(chance))
    return op.Scenario(seed, weather_of(chance), (*start, op.Wait(3_000), *body))


def _riffle(chance: Random, body: list[op.Operation], recipe: list[op.Operation]) -> list[op.Operation]:
    """Both lists in their orders, mixed by chance: what a recipe prepares comes to pass in the midst of others."""
    start = chance.randrange(len(body) + 1)
    spread = chance.choice((0, 0, len(body)))
    places = sorted(min(start + chance.randrange(spread + 1), len(body)) for _ in recipe)
    for ahead, (place, operation) in enumerate(zip(places, recipe, strict=True)):
        body = [*body[: place + ahead], operation, *body[place + ahead :]]
    return body


def weather_of(chance: Random) -> op.Weather:
    """What the line is like."""
    if chance.random() < 0.3:
        return op.Weather()
    return op.Weather(
        drop=chance.choice((0, 20, 150)),
        duplicate=chance.choice((0, 20, 150)),
        reorder=chance.choice((0, 50, 200)),
        delay_ms=chance.choice((20, 300, 3_000, 20_000)),
    )


def _site(chance: Random) -> int:
    """Mostly a till; now and then the hub, or the clone."""
    return chance.choice((0, 1, 1, 2, 2, 3, 3, 4))


def _till(chance: Random) -> int:
    return chance.choice((1, 1, 2, 2, 3, 4))


def _edit(chance: Random) -> op.Operation:
    return op.Edit(_site(chance), chance.randrange(4), chance.choice(FIELDS), chance.randrange(6))


def _guard(chance: Random) -> op.Operation:
    return op.Guard(_site(chance), chance.randrange(4), chance.choice(GUARDS), chance.random() < 0.5)


def _add(chance: Random) -> op.Operation:
    kind = chance.choice((Kind.CARD, Kind.CARD, Kind.TAG, Kind.NOTE, Kind.ADDRESS))
    return op.Add(_site(chance), chance.randrange(4), int(kind), chance.randrange(8))


def _edit_member(chance: Random) -> op.Operation:
    return op.EditMember(_site(chance), chance.randrange(4), chance.randrange(4), chance.randrange(6))


def _remove(chance: Random) -> op.Operation:
    return op.Remove(_site(chance), chance.randrange(4), chance.randrange(4))


def _post(chance: Random) -> op.Operation:
    fact = chance.choice((0, 0, 0, chance.randrange(1, 4)))
    return op.Post(_site(chance), chance.randrange(2), chance.randrange(-50, 100), fact, chance.random() < 0.3)


def _endow(chance: Random) -> op.Operation:
    return op.Endow(chance.randrange(3), chance.randrange(2), chance.randrange(1, 100))


def _pass(chance: Random) -> op.Operation:
    return op.Pass(_till(chance), chance.randrange(3), chance.randrange(2), chance.randrange(1, 20))


def _join(chance: Random) -> op.Operation:
    return op.Join(_site(chance), chance.randrange(4), chance.randrange(4))


def _erase(chance: Random) -> op.Operation:
    return op.Erase(_site(chance), chance.randrange(4))


def _several(chance: Random) -> op.Operation:
    return op.Several(_site(chance), chance.randrange(4), chance.randrange(1, 6))


def _newer(chance: Random) -> op.Operation:
    return op.Newer(_till(chance), chance.randrange(4), chance.randrange(1, 6))


def _create(chance: Random) -> op.Operation:
    return op.Create(_site(chance), chance.randrange(8))


def _during(chance: Random) -> op.Operation:
    inner = chance.choice((_edit, _edit_member, _post, _guard, _add))(chance)
    return op.During(inner)  # type: ignore[arg-type]  # these five make actions


def _wait(chance: Random) -> op.Operation:
    return op.Wait(chance.choice((10, 100, 400, 1_000, 3_000, 12_000, 40_000)))


def _night(chance: Random) -> op.Operation:
    return op.Night(chance.choice((10, 14, 14, 62, 24 * 7)))


def _cut(chance: Random) -> op.Operation:
    return op.Cut(_site(chance))


def _heal(chance: Random) -> op.Operation:
    return op.Heal(_site(chance))


def _crash(chance: Random) -> op.Operation:
    """At any of the next 128 statements, the next ones rather than the far ones."""
    return op.Crash(_site(chance), int(2 ** (chance.random() * 7)), chance.random() < 0.3)


def _power_cut(chance: Random) -> op.Operation:
    return op.PowerCut(_site(chance))


def _restart(chance: Random) -> op.Operation:
    return op.Restart(_site(chance), chance.choice((10, 1_000, 20_000, 400_000)))


def _wrong_clock(chance: Random) -> op.Operation:
    ahead = chance.choice((-EPOCH_MS, -EPOCH_MS, 3 * YEAR_MS, -YEAR_MS, 300_000, -300_000, 1_200_000, 0))
    return op.WrongClock(_till(chance), ahead)


def _trust_clock(chance: Random) -> op.Operation:
    return op.TrustClock(_till(chance))


def _disk_full(chance: Random) -> op.Operation:
    return op.DiskFull(_site(chance), chance.randrange(1, 41), chance.choice((1, 1, 2, 8)))


def _take_image(chance: Random) -> op.Operation:
    return op.TakeImage(_till(chance))


def _put_image_back(chance: Random) -> op.Operation:
    return op.PutImageBack(_till(chance))


def _clone(chance: Random) -> op.Operation:
    return op.Clone(_till(chance), chance.random() < 0.5)


def _backup(chance: Random) -> op.Operation:
    return op.Backup()


def _restore(chance: Random) -> op.Operation:
    return op.RestoreHub(chance.random() < 0.5, chance.random() < 0.5)


def _wipe(chance: Random) -> op.Operation:
    return op.WipeBroker()


def _storm(chance: Random) -> op.Operation:
    return op.Storm(chance.choice((0, 50, 200)), chance.choice((0, 200)), chance.choice((20, 1_000, 20_000)))


def _poison(chance: Random) -> op.Operation:
    return op.Poison(_till(chance))


def _garbage(chance: Random) -> op.Operation:
    return op.Garbage(_site(chance), chance.randrange(1_000_000))


def _prune(chance: Random) -> op.Operation:
    return op.Prune(chance.choice((5, 20, 1_000)))


def _flip_bit(chance: Random) -> op.Operation:
    return op.FlipBit(chance.choice((0, 1, 1, 2, 2, 3, 4)), chance.randrange(1_000), chance.randrange(1_000))


def _damage_file(chance: Random) -> op.Operation:
    return op.DamageFile(_till(chance), chance.choice((1, 2, 4, 10)), chance.randrange(1_000))


def _upgrade(chance: Random) -> op.Operation:
    return op.Upgrade(_site(chance))


ACTIONS: dict[Maker, int] = {
    _edit: 8, _guard: 4, _add: 4, _edit_member: 3, _remove: 3, _post: 4, _endow: 1, _pass: 1, _join: 1, _erase: 1,
    _several: 2, _newer: 1, _create: 1, _during: 2,
}  # fmt: skip

FAULTS: dict[Maker, int] = {
    _wait: 8, _night: 1, _cut: 3, _heal: 3, _crash: 3, _power_cut: 1, _restart: 1, _wrong_clock: 1, _trust_clock: 1,
    _disk_full: 1, _take_image: 1, _put_image_back: 1, _clone: 1, _backup: 1, _restore: 1, _wipe: 1, _storm: 1,
    _poison: 1, _garbage: 1, _upgrade: 1, _prune: 1, _flip_bit: 1, _damage_file: 1,
}  # fmt: skip


# What comes about only by several things in their order.


def old_image(chance: Random) -> list[op.Operation]:
    till = _till(chance)
    return [op.TakeImage(till), op.Edit(till, 0, 2, 3), op.Wait(4_000), op.PutImageBack(till), op.Edit(till, 1, 8, 4)]


def image_of_open_records(chance: Random) -> list[op.Operation]:
    till = _till(chance)
    return [
        op.Cut(till), op.WrongClock(till, chance.choice((-EPOCH_MS, YEAR_MS))), op.Edit(till, 0, 2, 3),
        op.TakeImage(till), op.Heal(till), op.Wait(8_000), op.PutImageBack(till), op.Wait(3_000),
    ]  # fmt: skip


def clock_ahead(chance: Random) -> list[op.Operation]:
    till = _till(chance)
    return [
        op.Cut(till), op.WrongClock(till, chance.choice((1_200_000, 3 * YEAR_MS))), op.TrustClock(till),
        op.Edit(till, 0, 2, 3), op.Guard(till, 0, 16, strong=True), op.Edit(till, 0, 2, 4), op.Heal(till),
        op.Wait(8_000),
    ]  # fmt: skip


def no_anchor(chance: Random) -> list[op.Operation]:
    till = _till(chance)
    return [
        op.Cut(till), op.WrongClock(till, chance.choice((-EPOCH_MS, -EPOCH_MS, YEAR_MS, -YEAR_MS))), _edit(chance),
        op.Edit(till, 0, 2, 3), op.Restart(till, 10), op.Edit(till, 0, 2, 4), op.Heal(till), op.Wait(8_000),
    ]  # fmt: skip


def old_hub(chance: Random) -> list[op.Operation]:
    meanwhile: list[op.Operation] = [
        op.Edit(1, 0, 2, 3), op.Edit(2, 1, 11, 4), op.Add(3, 1, 4, 2), op.Remove(1, 1, 1), op.Post(2, 0, 7, 0, True),
        op.Edit(3, 0, 2, 1), op.Guard(1, 0, 16, strong=True), op.Pass(2, 1, 1, 9), op.Cut(3), op.Restart(0, 10),
        op.EditMember(2, 0, 1, 3), op.Join(1, 0, 1), op.Erase(2, 3), op.Wait(400),
    ]  # fmt: skip
    first = [
        op.Wait(chance.choice((100, 12_000))) if chance.random() < 0.3 else chance.choice(meanwhile) for _ in range(6)
    ]
    again = [op.Heal(3), *(chance.choice(meanwhile) for _ in range(chance.randrange(4)))]
    return [
        op.Backup(), *first, op.Wait(chance.choice((120, 300, 4_000, 12_000))),
        op.RestoreHub(chance.random() < 0.4), *again, op.Wait(chance.choice((300, 15_000))),
    ]  # fmt: skip


def hub_forgets_at_once(chance: Random) -> list[op.Operation]:
    """The hub is restored after it acknowledged and before the frame is out."""
    return [op.Wait(12_000), op.Backup(), op.Edit(1, 0, 2, 3), op.Wait(150), op.RestoreHub(False), op.Wait(15_000)]


def full_disk_at_the_hub(chance: Random) -> list[op.Operation]:
    return [
        op.Post(0, 0, 5, 0, False), op.DiskFull(0, chance.randrange(1, 12)), op.Post(0, 0, 7, 0, False),
        op.Post(0, 0, 7, 0, False), op.Edit(0, 0, 2, 3), op.Post(0, 0, 9, 0, False),
    ]  # fmt: skip


def hub_clock(chance: Random) -> list[op.Operation]:
    ahead = chance.choice((86_400_000, YEAR_MS, 1_200_000, -86_400_000))
    return [
        op.Edit(1, 0, 2, 3), op.Wait(3_000), op.WrongClock(0, ahead), op.Wait(3_000), op.Restart(2, 10),
        op.Edit(2, 0, 2, 4), op.Edit(0, 1, 2, 2), op.Wait(8_000), op.WrongClock(0, 0), op.Restart(1, 10),
        op.Edit(1, 0, 2, 5), op.Edit(3, 1, 2, 1), op.Edit(1, 1, 8, 1), op.Wait(8_000),
    ]  # fmt: skip


def copied_box(chance: Random) -> list[op.Operation]:
    till = _till(chance)
    return [op.Clone(till), op.Edit(till, 0, 2, 3), op.Edit(4, 0, 2, 4), op.Wait(5_000), op.Post(4, 0, 7, 0, True)]


def poisoned(chance: Random) -> list[op.Operation]:
    till = _till(chance)
    return [op.Edit(till, 0, 2, 3), op.Poison(till), op.Edit(till, 1, 2, 4), op.Wait(5_000)]


def mixed_versions(chance: Random) -> list[op.Operation]:
    till = _till(chance)
    return [op.Upgrade(till), op.Newer(till, 0, 3), op.Wait(4_000), op.Upgrade(_site(chance)), op.Newer(till, 1, 2)]


def long_away(chance: Random) -> list[op.Operation]:
    """A till is cut off while the hub's log goes on without it; it has edits of its own when it comes back."""
    till = _till(chance)
    meanwhile: list[op.Operation] = [
        op.Edit(0, 0, 2, 3), op.Edit(till, 0, 2, 4), op.Add(till, 1, 4, 2), op.Edit(0, 1, 8, 3), op.Remove(0, 1, 1),
        op.Create(till, 7), op.Erase(0, 2), op.Post(till, 0, 7, 0, True), op.Guard(0, 0, 16, strong=True),
        op.Restart(till, 10), op.Several(0, 1, 4), op.EditMember(0, 0, 1, 3),
    ]  # fmt: skip
    away = [chance.choice(meanwhile) for _ in range(chance.randrange(4, 12))]
    back = [op.Heal(till), op.Wait(chance.choice((100, 600, 3_000))), *(chance.choice(meanwhile) for _ in range(3))]
    return [op.Cut(till), *away, op.Wait(4_000), op.Prune(1_000), *back, op.Wait(15_000)]


def flipped(chance: Random) -> list[op.Operation]:
    till = _till(chance)
    flips: list[op.Operation] = [_flip_bit(chance) for _ in range(chance.randrange(1, 4))]
    return [op.Wait(12_000), *flips, op.Edit(0, 0, 2, 3), op.Edit(till, 0, 2, 4), op.Wait(12_000)]


RECIPES: list[Recipe] = [
    old_image, image_of_open_records, clock_ahead, no_anchor, old_hub, hub_forgets_at_once,
    full_disk_at_the_hub, hub_clock, copied_box, poisoned, mixed_versions, long_away, flipped,
    *recipes.RECIPES,
]  # fmt: skip
