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


def pruned_since_a_restore(chance: Random) -> list[op.Operation]:
    """A restored hub orders past where its tills stand, and drops that from its log, before any of them is back."""
    away = [op.Cut(at) for at in (1, 2, 3)]
    back = [op.Heal(at) for at in chance.sample((1, 2, 3), 3)]
    return [
        op.Backup(), op.Edit(0, 0, 2, 3), op.Post(0, 0, 7, 0, False), op.Wait(chance.choice((1_000, 12_000))), *away,
        op.RestoreHub(announced=False), *(op.Edit(0, 0, 2, value) for value in range(4, 4 + chance.randrange(1, 5))),
        op.Prune(1_000), *back, op.Wait(15_000),
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


def removed_while_edited(chance: Random) -> list[op.Operation]:
    """Somebody removes a member while somebody else changes it."""
    one, other = _two_tills(chance)
    return [
        op.Add(0, 0, 4, 5), op.Wait(8_000), op.Cut(one), *(op.EditMember(one, 0, pick, 3) for pick in range(3)),
        *(op.Remove(other, 0, pick) for pick in (2, 1, 0)), op.Wait(1_000), op.Heal(one), op.Wait(4_000),
    ]  # fmt: skip


def same_card_twice(chance: Random) -> list[op.Operation]:
    """Somebody removes a card while somebody else, who cannot know, adds one of the same number."""
    one, other = _two_tills(chance)
    number = chance.randrange(4)
    return [
        op.Add(0, 0, 2, number), op.Wait(8_000), op.Cut(one), op.Add(one, 0, 2, number), op.Remove(other, 0, 0),
        op.Remove(other, 0, 0), op.Wait(1_000), op.Heal(one), op.Wait(4_000),
    ]  # fmt: skip


def only_the_filled_know(chance: Random) -> list[op.Operation]:
    """What a restored hub has lost stands in the rows of one till alone, which was filled with them."""
    till, author = _two_tills(chance)
    others = [op.Cut(at) for at in range(1, 4) if at != till]
    back = [op.Heal(at) for at in range(1, 4)]
    return [
        op.Backup(), op.Cut(till), op.Post(author, 0, 7, 0, False), op.Edit(author, 0, 2, 3), op.Create(author, 5),
        op.Wait(4_000), op.Prune(1_000), op.Heal(till), op.Wait(15_000), *others,
        op.RestoreHub(chance.random() < 0.5), op.Wait(40_000), *back, op.Wait(8_000),
    ]  # fmt: skip


def said_while_filled(chance: Random) -> list[op.Operation]:
    """A fill takes long, and somebody changes customers whose rows have yet to come."""
    till, other = _two_tills(chance)
    begun: list[op.Operation] = [op.Create(0, at) for at in range(5)]
    during: list[op.Operation] = []
    for _ in range(8):
        edit = op.Edit(till, chance.randrange(8), chance.choice((2, 8, 11)), chance.randrange(1, 6))
        during += [op.Wait(chance.choice((300, 1_000, 3_000))), edit]
    return [
        *begun, op.Wait(4_000), op.Cut(till), op.Edit(other, 0, 2, 3), op.Wait(2_000), op.Prune(1_000),
        op.Storm(0, 0, chance.choice((1_000, 3_000))), op.Heal(till), *during, CALM, op.Wait(15_000),
    ]  # fmt: skip


def ahead_in_a_storm(chance: Random) -> list[op.Operation]:
    """What a till says under a clock far ahead is lost on its way for long, while it hears what others say."""
    till, other = _two_tills(chance)
    field = chance.choice((2, 8, 11))
    edits: list[op.Operation] = [op.Post(other, 0, 9, 1, False)]
    for _ in range(4):
        edits += [op.Edit(chance.choice((0, other)), 0, field, chance.randrange(1, 6)), op.Wait(3_000)]
    return [
        op.Cut(till), op.WrongClock(till, chance.choice((1_200_000, 86_400_000))), op.TrustClock(till),
        op.Edit(till, 0, field, 3), op.Post(till, 0, 7, 1, False), op.Wait(3_000),
        op.Storm(chance.choice((400, 600)), 0, 500), op.Heal(till), *edits, CALM, op.Wait(8_000),
    ]  # fmt: skip


def erased_while_damaged(chance: Random) -> list[op.Operation]:
    """Rows of somebody who is erased are damaged at a till that hears of it by rows alone."""
    till, other = _two_tills(chance)
    begun: list[op.Operation] = [op.Create(0, at) for at in range(4)]
    flips: list[op.Operation] = []
    for _ in range(6):
        flips += [op.FlipBit(till, chance.randrange(1, 99, 2), 3 * chance.randrange(300)), op.Wait(200)]
    return [
        *begun, op.Wait(6_000), *(op.Edit(till, who, 2, 4) for who in range(4)), op.Wait(4_000), op.Cut(till),
        *(op.Erase(chance.choice((0, other)), 0) for _ in range(3)), op.Wait(4_000), op.Prune(1_000), *flips,
        op.Storm(0, 0, 500), op.Heal(till), op.Wait(12_000), CALM, op.Wait(8_000),
    ]  # fmt: skip


def damaged_under_what_waits(chance: Random) -> list[op.Operation]:
    """A till is filled anew, and rows of the chain that people change meanwhile are damaged before its shop's come."""
    till, _ = _two_tills(chance)
    during: list[op.Operation] = []
    for _ in range(4):
        during += [op.Edit(till, who, 2, chance.randrange(1, 6)) for who in chance.sample(range(3), 2)]
        during += [op.FlipBit(till, chance.randrange(1, 99, 2), 3 * chance.randrange(300)) for _ in range(4)]
        during += [op.Wait(chance.choice((300, 1_000)))]
    return [
        op.Wait(8_000), op.Storm(0, 0, 1_000), op.DamageFile(till, 1, chance.randrange(1_000)),
        op.Wait(chance.choice((1_000, 2_000, 3_000))), *during, op.Wait(15_000), CALM,
    ]  # fmt: skip


def damaged_at_the_hub(chance: Random) -> list[op.Operation]:
    """Rows of head office are damaged, and those who could give them back go on changing them."""
    flips: list[op.Operation] = [
        op.FlipBit(0, chance.randrange(1, 99, 2), chance.randrange(900)) for _ in range(chance.randrange(2, 7))
    ]
    edits: list[op.Operation] = []
    for at in chance.sample(range(4), 3):
        edits += [op.Edit(at, chance.randrange(3), 2, chance.randrange(1, 6)), op.Wait(chance.choice((0, 300, 4_000)))]
    cut: list[op.Operation] = [op.Cut(1), op.Edit(1, chance.randrange(3), 2, 4)]
    away = cut if chance.random() < 0.5 else []
    return [op.Wait(12_000), *away, *flips, *edits, op.Heal(1), op.Wait(chance.choice((4_000, 40_000)))]


def damaged_file(chance: Random) -> list[op.Operation]:
    """A till's file is damaged while it has something to say; it sells on, and is filled."""
    till, other = _two_tills(chance)
    damage = op.DamageFile(till, chance.choice((1, 3, 10)), chance.randrange(1_000))
    return [
        op.Edit(till, 0, 2, 3), op.Post(till, 0, 7, 0, False), op.Wait(chance.choice((0, 4_000))),
        op.Edit(till, 1, 8, 2), damage, op.Edit(other, 0, 2, 4), op.Wait(chance.choice((300, 3_000))),
        op.Create(till, 3), op.Post(till, 1, 5, 0, True), op.Wait(12_000),
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
    oldest_backup, pruned_since_a_restore, refused_again, ahead_while_others_edit, removed_while_edited,
    damaged_in_a_storm, same_card_twice, only_the_filled_know, said_while_filled, ahead_in_a_storm,
    erased_while_damaged, damaged_at_the_hub, damaged_file,
)  # fmt: skip
