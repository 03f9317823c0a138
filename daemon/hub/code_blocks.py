"""Blocks of customer codes for tills: the next one is given when those that a till has run low.

A block is said in the till's own row, so that it is there before the till needs it, also while the line is cut. Where a
till has spent all of them, it gives codes of its own numbering, which never meet those of a block.
"""

from typing import Any, Final

from daemon.domain import authoring
from daemon.domain.change import Operation
from daemon.domain.code_block import CODE_BLOCKS_FIELD, CodeBlock, blocks_in
from daemon.domain.element import Element
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import Kind
from daemon.domain.policy_book import CODE_BLOCKS, CodeBlocks, value_of
from daemon.domain.site_row import site_key
from daemon.store import customers, elements, ordering
from daemon.store.database import Connection
from daemon.store.replica import get_meta, put_meta

KEPT: Final = 4
"""Blocks that a till's row names: the last ones."""

SKIPPED_AFTER_RESTORE: Final = 50
"""Blocks left out by a head office that was restored: others may have been given since the backup."""

_NEXT, _GENERATION = "code_block_next", "code_block_generation"


def refill(conn: Connection, site: int) -> list[Operation]:
    """The operations that give a till its next block of codes; none while it has enough, or codes have no blocks."""
    policy = value_of(CODE_BLOCKS, customers.policy(conn, CODE_BLOCKS))
    row = elements.element(conn, site_key(site)) if isinstance(policy, CodeBlocks) else None
    if not isinstance(policy, CodeBlocks) or row is None:
        return []
    blocks = [one for one in blocks_in(row.fields.get(CODE_BLOCKS_FIELD)) if _is_of(one, policy)]
    left = sum(_left(conn, block) for block in blocks)
    if left >= policy.low:
        return []
    block = _next(conn, policy)
    if block is None:
        return []
    told = tuple(one.stored for one in [*blocks, block][-KEPT:])
    return [authoring.change(row, {CODE_BLOCKS_FIELD: told})]


def _is_of(block: CodeBlock, policy: CodeBlocks) -> bool:
    return (block.prefix, block.digits) == (policy.prefix, policy.digits)


def _left(conn: Connection, block: CodeBlock) -> int:
    """How many codes of a block were not given yet, as far as head office has heard: a till gives them in order."""
    (used,) = conn.execute(
        "SELECT max(value) FROM lookup WHERE claim = ? AND value BETWEEN ? AND ?",
        (int(Claim.CODE), block.code(block.first), block.code(block.last)),
    ).fetchone()
    return block.last - block.first + 1 if used is None else block.last - int(str(used)[len(block.prefix) :])


def _next(conn: Connection, policy: CodeBlocks) -> CodeBlock | None:
    """The next block that nobody has; None where the digits are used up."""
    generation = ordering.feed_generation(conn)
    given = [block.last + 1 for row in _sites(conn) for block in blocks_in(row.fields.get(CODE_BLOCKS_FIELD))]
    first = max([policy.first, int(get_meta(conn, _NEXT, 0)), *given])
    if int(get_meta(conn, _GENERATION, generation)) != generation:
        first += SKIPPED_AFTER_RESTORE * policy.size
    last = first + policy.size - 1
    if last >= 10**policy.digits:
        return None
    put_meta(conn, _NEXT, last + 1)
    put_meta(conn, _GENERATION, generation)
    return CodeBlock(policy.prefix, policy.digits, first, last)


def _sites(conn: Connection) -> list[Element]:
    found: list[Any] = elements.elements_of_kind(conn, Kind.SITE)
    return found
