"""Puts another function in the place of one of the daemon's, for a while: how bugs are planted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

Plant = Callable[[], AbstractContextManager[None]]


@contextmanager
def patched(owner: Any, name: str, new: Any) -> Iterator[None]:
    """Replace an attribute of a class or a module for a while."""
    old = owner.__dict__[name]
    setattr(owner, name, new)
    try:
        yield
    finally:
        setattr(owner, name, old)


@contextmanager
def everywhere(old: Any, new: Any) -> Iterator[None]:
    """Replace a function in every module of the daemon that has it by its name."""
    places = [
        (module, name)
        for title, module in list(sys.modules.items())
        if title.startswith("daemon.")
        for name, value in list(vars(module).items())
        if value is old
    ]
    assert places, "the function to be replaced is nowhere"
    for module, name in places:
        setattr(module, name, new)
    try:
        yield
    finally:
        for module, name in places:
            setattr(module, name, old)


@contextmanager
def together(*patches: AbstractContextManager[None]) -> Iterator[None]:
    """Several replacements that make one bug."""
    with ExitStack() as stack:
        for patch in patches:
            stack.enter_context(patch)
        yield
