"""Whether two boxes live under one site: told by their greetings, in the order in which head office hears them.

A process draws its boot at its start, so that a restart only ever brings new boots. An old one that says something new
after a younger one was heard is another box with the same card. Some such returns may be messages that were late; boxes
that both live return again and again, because the broker cuts the one off when the other connects.
"""

from dataclasses import dataclass

RETURNS = 5
"""So many returns are no late messages any more: a greeting is repeated after ten seconds, so two of an earlier process
may be on their way when it restarts, and come between those of the next one. That makes four."""

BOOTS_KEPT = 4


@dataclass(frozen=True, slots=True)
class Boots:
    """The processes of one site that were heard lately, the last one at the end: (boot, its highest greeting).

    `returns`: how often one of them came back after another had been heard, since the youngest was first heard.
    """

    heard: tuple[tuple[bytes, int], ...] = ()
    returns: int = 0

    @property
    def are_two(self) -> bool:
        """Whether more than one of them lives."""
        return self.returns >= RETURNS


def hear(before: Boots, boot: bytes, greeting: int) -> Boots:
    """A greeting of this process was heard; one that was heard before says nothing."""
    known = dict(before.heard)
    if boot not in known:
        return Boots((*before.heard[-(BOOTS_KEPT - 1) :], (boot, greeting)))
    if greeting <= known[boot]:
        return before
    came_back = before.heard[-1][0] != boot
    others = tuple(one for one in before.heard if one[0] != boot)
    return Boots((*others, (boot, greeting)), before.returns + came_back)
