"""What is printed, and what each kind promises about being printed twice. Pure."""

from enum import StrEnum


class JobKind(StrEnum):
    """What is printed, which decides what becomes of an interrupted job."""

    BADGE = "badge"
    CREDIT_NOTE = "credit_note"
    COUPON = "coupon"
    RECEIPT_BLOCK = "receipt_block"
    REPORT = "report"
    TEST_PAGE = "test_page"
    DRAWER = "drawer"


AT_MOST_ONCE = frozenset({JobKind.BADGE, JobKind.CREDIT_NOTE, JobKind.COUPON})
"""Two of these harm somebody: two cards that open one account, one credit note spent twice."""

NOW_OR_NEVER = frozenset({JobKind.DRAWER})
"""Never held, never repeated, never done late."""

LATE_MS = 5_000
"""Who asked for a drawer has opened it with the key by then."""
