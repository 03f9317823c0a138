"""Chance that a seed repeats: the door through which tests that draw at random do so."""

from random import Random  # noqa: TID251 - only seeded, and only here

__all__ = ["Random"]
