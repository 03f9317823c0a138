"""What a further part of the program brings along to the simulation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from daemon.domain.change import Operation as Said
from tests.simulation.acting import Scene
from tests.simulation.planting import Plant

if TYPE_CHECKING:
    from tests.simulation.world import World

Maker = Callable[[Random], Any]
"""Draws one operation."""

Recipe = Callable[[Random], list[Any]]
"""Draws several operations that bring something about in their order."""

Judge = Callable[["World"], Iterator[str]]
"""What is not as it must be, once everything is healed and quiet: one sentence each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """Operations, how they are drawn and carried out, and what must hold; `additions.ADDITIONS` lists them.

    The classes of operations are frozen dataclasses of numbers and booleans: a scenario is written down as JSON. They
    are total: one that does not apply does nothing, so that any part of a scenario is a scenario.
    """

    # What somebody at a box does: operation → what is said, from what they see. Saved, noted and judged like the rest.
    acts: Mapping[type, Callable[[Scene, Any], list[Said]]] = field(default_factory=dict)
    # What happens to boxes, or is done by a unit of work of its own.
    happenings: Mapping[type, Callable[[World, Any], None]] = field(default_factory=dict)
    # How often each is drawn (edits: 8, most faults: 1); each seed draws its own weights from these.
    acts_drawn: Mapping[Maker, int] = field(default_factory=dict)
    happenings_drawn: Mapping[Maker, int] = field(default_factory=dict)
    recipes: Sequence[Recipe] = ()
    judges: Sequence[Judge] = ()
    # Names of `Faults.count` that a campaign must have met.
    must_be_reached: Sequence[str] = ()
    planted: Sequence[Plant] = ()
    # Recipes that are the first place to look for a planted bug, by its function's name.
    looked_for_in: Mapping[str, Sequence[Recipe]] = field(default_factory=dict)
