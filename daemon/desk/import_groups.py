"""The groups that lines of a file name, as head office has made them: told by their labels, case and accents apart."""

from collections.abc import Sequence

from daemon.domain.customer_draft import CustomerDraft
from daemon.domain.element import Element
from daemon.domain.folding import fold
from daemon.domain.group import DEFAULT, living, memberships_of
from daemon.store import terms
from daemon.store.database import Connection


def _key(name: str) -> str:
    """How a name is compared: VIP is V.I.P."""
    return fold(name).replace(" ", "")


class GroupsNamed:
    """The groups that there are, looked up once a unit of work, and only when a line names one."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._found: dict[str, str] | None = None

    def named(self, draft: CustomerDraft) -> list[bytes]:
        """The groups that a line names, in its order."""
        ids = [self._labels[_key(name)] for name in draft.get("groups", []) if _key(name) in self._labels]
        return [bytes.fromhex(id_) for id_ in dict.fromkeys(ids)]

    def not_joined(self, here: Sequence[Element], draft: CustomerDraft) -> list[bytes]:
        """Those of them that a customer is not in, under whatever deleted group they joined them."""
        if not draft.get("groups"):
            return []
        joined = set(memberships_of(here, terms.groups(self._conn)))
        return [group for group in self.named(draft) if group.hex() not in joined]

    def missing(self, draft: CustomerDraft) -> list[str]:
        """The names that no group has."""
        return [name for name in draft.get("groups", []) if _key(name) not in self._labels]

    @property
    def _labels(self) -> dict[str, str]:
        if self._found is None:
            groups = living(terms.groups(self._conn))
            self._found = {_key(one.label): one.id for one in reversed(groups) if one.label and one.id != DEFAULT.hex()}
        return self._found
