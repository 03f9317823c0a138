"""What is wrong with several fields of one request, said together: who typed them looks at them once."""

from types import TracebackType

from daemon.errors import Forbidden, OperatorMistake


class Mistakes:
    """The mistakes of one request so far, one for each field.

    `with mistakes:` goes on after a mistake in a field; who may not do this, or a request that names no field, is
    refused at once.
    """

    def __init__(self) -> None:
        self._found: dict[str, OperatorMistake] = {}

    @property
    def fields(self) -> frozenset[str]:
        """The fields that are wrong."""
        return frozenset(self._found)

    def add(self, mistake: OperatorMistake) -> None:
        """One more, with those that it brings; the first of a field is the one that is told."""
        for one in (mistake, *mistake.beside):
            self._found.setdefault(one.field, one)

    def refuse(self) -> None:
        """Raise the first, with the others `beside` it; nothing happens where there are none."""
        if self._found:
            first, *others = self._found.values()
            first.beside = tuple(others)
            raise first

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> bool:
        if not isinstance(error, OperatorMistake) or isinstance(error, Forbidden) or not error.field:
            return False
        self.add(error)
        return True
