"""Every error that Comptoir raises on purpose, by whose fault it is.

A message is one sentence for the person who can mend it: what is wrong and where, without personal data.
"""

from collections.abc import Mapping


class ComptoirError(Exception):
    """Something known went wrong; the message says what and where."""


class OperatorMistake(ComptoirError):
    """The configuration, a command or a request is wrong; whoever wrote it can mend it.

    `beside`: what is wrong with other fields of the same request.
    """

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field
        self.beside: tuple[OperatorMistake, ...] = ()


class Misconfigured(OperatorMistake):
    """The configuration is wrong: starting again mends nothing, somebody has to edit it."""


class NotFound(OperatorMistake):
    """What was named is not here."""


class Conflicting(OperatorMistake):
    """The request was right when it was written and is not any more: read again, then repeat."""


class Outdated(Conflicting):
    """What the caller saw has changed since."""


class Taken(Conflicting):
    """Somebody else has this value already; `owners` are their ids, for a person to choose."""

    def __init__(self, sentence: str, *, field: str, owners: tuple[str, ...]) -> None:
        super().__init__(sentence, field=field)
        self.owners = owners


class Unidentified(OperatorMistake):
    """The call carries no valid session or token, or the PIN or badge is wrong."""


class Forbidden(OperatorMistake):
    """The actor may not do this."""


class TooSoon(Forbidden):
    """Too many wrong tries: the next one has to wait."""

    def __init__(self, sentence: str, *, wait_ms: int) -> None:
        super().__init__(sentence)
        self.wait_ms = wait_ms


class NotProved(Forbidden):
    """More than the proof at hand goes for: at most `most` of `worth`.

    `asked`: card, pin, new_pin, or nothing that would do (empty).
    """

    def __init__(self, sentence: str, *, asked: str, worth: str, most: int) -> None:
        super().__init__(sentence, field="proof")
        self.asked, self.worth, self.most = asked, worth, most


class PeerFault(ComptoirError):
    """Head office, a till or the broker sent what it may not, or does not answer."""


class OutOfReach(PeerFault):
    """There is no line to head office at this moment."""


class NoAnswer(PeerFault):
    """Head office was asked and has not answered within the deadline."""


class NotRunning(PeerFault):
    """The daemon that a command speaks to does not run on this machine."""


class Refusal(PeerFault):
    """The daemon refused what a command asked of it; `problem` is its own answer (RFC 9457)."""

    def __init__(self, sentence: str, *, status: int, problem: Mapping[str, object]) -> None:
        super().__init__(sentence)
        self.status = status
        self.problem = problem


class DeviceFault(ComptoirError):
    """A reader or a printer is absent, busy or answers nonsense."""


class DeviceAbsent(DeviceFault):
    """The device is configured and not plugged in, or was unplugged just now."""


class StoreFault(ComptoirError):
    """The disk or the database file refuses: full, read-only, damaged."""


class DamagedFile(StoreFault):
    """The database file is damaged beyond its rows. A till makes a new one at its next start; head office cannot."""


class DamagedRow(StoreFault):
    """A stored row does not match its hash and cannot be mended here; `key` says which. Head office has it."""

    def __init__(self, key: tuple[bytes, int, bytes]) -> None:
        super().__init__(f"a stored row of kind {key[1]} is damaged; it is fetched again from head office")
        self.key = key
