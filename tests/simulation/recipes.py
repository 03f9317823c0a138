"""What comes about only by many things in their order: restores that only others can mend, fills that are disturbed."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.simulation import operations as op

CALM = op.Storm(0, 0, 50)


def _two_tills(chance: Random) -> tuple[int, int]:
    one = chance.randrange(1, 4)
    return one, one % 3 + 1


def only_others_know(chance: Random) -> list[op.Operation]:
    """Who wrote it is back at an old image, and so is the hub: other tills have it still."""
    till, _ = _two_tills(chance)
    return [
        op.Backup(), op.TakeImage(till), op.Edit(till, 0, 2, 3), op.Post(till, 0, 7, 0, False),
        op.Wait(chance.choice((4_000, 12_000))), op.PutImageBack(till), op.Wait(chance.choice((400, 6_000))),
        op.RestoreHub(chance.random() < 0.5), op.Wait(15_000),
    ]  # fmt: skip


def filled_with_what_is_lost(chance: Random) -> list[op.Operation]:
    """A till is filled; what it was filled with is lost at the hub, and whoever wrote it is away."""
    till, author = _two_tills(chance)
    return [
        op.Backup(), op.Cut(till), op.Post(author, 0, 7, 0, False), op.Edit(author, 0, 2, 3), op.Wait(4_000),
        op.Prune(1_000), op.Heal(till), op.Wait(15_000), op.Cut(author), op.RestoreHub(chance.random() < 0.5),
        op.Wait(40_000), op.Heal(author), op.Wait(8_000),
    ]  # fmt: skip


def filled_in_a_storm(chance: Random) -> list[op.Operation]:
    """The portions of a fill come late and in no order, while head office goes on, and forgets what it has ordered."""
    till, _ = _two_tills(chance)
    begun: list[op.Operation] = [op.Create(0, at) for at in range(5)]
    during: list[op.Operation] = []
    for _ in range(5):
        during += [op.Edit(0, at, 2, chance.randrange(1, 6)) for at in chance.sample(range(8), 2)]
        during += [op.Prune(1_000), op.Wait(9_000)]
    return [
        *begun, op.Wait(4_000), op.Cut(till), op.Edit(0, 1, 2, 3), op.Wait(1_000), op.Prune(1_000),
        op.Storm(0, 600, 20_000), op.Heal(till), *during, CALM, op.Wait(25_000),
    ]  # fmt: skip


def filled_while_people_act(chance: Random) -> list[op.Operation]:
    """A till that was away for too long has something to say, before, while and after it is filled."""
    till, other = _two_tills(chance)
    acts: list[op.Operation] = [
        op.Edit(till, 0, 2, 4), op.Guard(till, 0, 16, strong=True), op.Add(till, 1, 4, 2), op.Edit(till, 1, 8, 2),
        op.Post(till, 0, 9, 0, True), op.Erase(till, 1), op.Remove(till, 0, 1), op.Restart(till, 10),
    ]  # fmt: skip
    away = [op.Edit(other, 0, 2, 3), op.Edit(0, 1, 8, 3), chance.choice(acts), chance.choice(acts)]
    during: list[op.Operation] = []
    for _ in range(chance.randrange(1, 5)):
        during += [op.Wait(chance.choice((30, 100, 300, 700))), chance.choice(acts)]
    weather = chance.choice((CALM, op.Storm(0, 500, 3_000)))
    return [
        op.Cut(till), *away, op.Edit(till, 0, 2, 5), op.Wait(4_000), op.Prune(1_000), weather, op.Heal(till), *during,
        op.Wait(15_000), CALM,
    ]  # fmt: skip


def erased_while_away(chance: Random) -> list[op.Operation]:
    """Who was erased while a till was away is not in the rows that it is filled with."""
    till, other = _two_tills(chance)
    return [
        op.Cut(till), op.Erase(chance.choice((0, other)), chance.randrange(3)), op.Edit(till, 0, 2, 4), op.Wait(4_000),
        op.Prune(1_000), op.Heal(till), op.Wait(20_000),
    ]  # fmt: skip


def copied_rights(chance: Random) -> list[op.Operation]:
    """A box that holds rights is copied, or put back to an old image that holds them."""
    till, _ = _two_tills(chance)
    copied: list[op.Operation] = [op.Clone(till), op.Edit(till, 0, 2, 3), op.Edit(4, 0, 2, 4)]
    put_back: list[op.Operation] = [op.TakeImage(till), op.Edit(till, 0, 2, 3), op.Wait(4_000), op.PutImageBack(till)]
    what = copied if chance.random() < 0.5 else put_back
    return [op.Endow(till - 1, 0, 50), op.Wait(4_000), *what, op.Wait(6_000), op.Edit(till, 0, 2, 5), op.Wait(4_000)]


def clock_a_little_ahead(chance: Random) -> list[op.Operation]:
    """A till whose clock is trusted is minutes ahead, less than the hub objects to; others correct what it says."""
    till, other = _two_tills(chance)
    return [
        op.Cut(till), op.WrongClock(till, 300_000), op.TrustClock(till), op.Edit(till, 0, 2, 3), op.Heal(till),
        op.Wait(8_000), op.Edit(other, 0, 2, 4), op.Edit(0, 0, 2, 5), op.Wait(4_000),
    ]  # fmt: skip


def removed_and_added_again(chance: Random) -> list[op.Operation]:
    """A removal reaches a restored hub before the addition does: whoever removed was filled with the member."""
    till, author = _two_tills(chance)
    return [
        op.Backup(), op.Cut(till), op.Add(author, 0, 4, 7), op.Wait(4_000), op.Prune(1_000), op.Heal(till),
        op.Wait(15_000), op.Remove(till, 0, chance.choice((0, 1, 2))), op.Remove(till, 0, 1), op.Wait(4_000),
        op.Cut(author), op.RestoreHub(chance.random() < 0.5), op.Wait(20_000), op.Heal(author), op.Wait(8_000),
    ]  # fmt: skip


def known_only_later(chance: Random) -> list[op.Operation]:
    """A newer version's word comes to an older till, which is upgraded later."""
    till, older = _two_tills(chance)
    return [
        op.Upgrade(till), op.Newer(till, 0, 3), op.Wait(15_000), op.Edit(older, 0, 2, 3), op.Wait(12_000),
        op.Upgrade(0), op.Wait(15_000), op.Upgrade(older), op.Wait(4_000),
    ]  # fmt: skip


def oldest_backup(chance: Random) -> list[op.Operation]:
    """Of two backups the older one is restored, long after tills have heard of the newer."""
    one, other = _two_tills(chance)
    return [
        op.Backup(), op.Edit(one, 0, 2, 3), op.Post(other, 0, 7, 0, False), op.Wait(12_000), op.Backup(),
        op.Wait(15_000), op.RestoreHub(chance.random() < 0.5, oldest=True), op.Wait(15_000),
    ]  # fmt: skip


def refused_again(chance: Random) -> list[op.Operation]:
    """A refusal and a grant that does not know of it meet."""
    one, other = _two_tills(chance)
    field = chance.choice((16, 17, 30, 31))
    return [
        op.Cut(one), op.Guard(one, 0, field, strong=False), op.Guard(other, 0, field, strong=True),
        op.Wait(chance.choice((100, 3_000))), op.Guard(one, 0, field, strong=False), op.Heal(one), op.Wait(4_000),
    ]  # fmt: skip


def ahead_while_others_edit(chance: Random) -> list[op.Operation]:
    """What a till said under a clock far ahead is stamped anew, after it has met what others said meanwhile."""
    till, other = _two_tills(chance)
    field = chance.choice((2, 8, 11))
    return [
        op.Cut(till), op.WrongClock(till, chance.choice((1_200_000, 86_400_000))), op.TrustClock(till),
        op.Edit(till, 0, field, 3), op.Wait(3_000), op.Edit(chance.choice((0, other)), 0, field, 4), op.Wait(3_000),
        op.Heal(till), op.Wait(8_000),
    ]  # fmt: skip


def damaged_in_a_storm(chance: Random) -> list[op.Operation]:
    """The row that is to replace a damaged one is long under way, while the feed brings what is newer."""
    till, other = _two_tills(chance)
    damage = op.FlipBit(till, chance.randrange(1, 99, 2), 3 * chance.randrange(300))
    edits: list[op.Operation] = []
    for _ in range(5):
        edits += [op.Edit(chance.choice((0, other)), chance.randrange(4), 2, chance.randrange(1, 6)), op.Wait(4_000)]
    return [op.Wait(8_000), op.Storm(0, 200, chance.choice((4_000, 8_000))), damage, *edits, CALM, op.Wait(12_000)]


RECIPES: tuple[Callable[[Random], list[op.Operation]], ...] = (
    only_others_know, filled_with_what_is_lost, filled_in_a_storm, filled_while_people_act, erased_while_away,
    copied_rights, clock_a_little_ahead, removed_and_added_again, known_only_later,
    oldest_backup, refused_again, ahead_while_others_edit,
    damaged_in_a_storm,
)  # fmt: skip
