"""Every error that Comptoir raises on purpose, by whose fault it is.

A message is one sentence for the person who can mend it: what is wrong and where, without personal data.
"""


class ComptoirError(Exception):
    """Something known went wrong; the message says what and where."""


class OperatorMistake(ComptoirError):
    """The configuration, a command or a request is wrong; whoever wrote it can mend it."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class NotFound(OperatorMistake):
    """What was named is not here."""


class Conflicting(OperatorMistake):
    """The request was right when it was written and is not any more: read again, then repeat."""


class Forbidden(OperatorMistake):
    """The actor may not do this."""


class PeerFault(ComptoirError):
    """Head office, a till or the broker sent what it may not, or does not answer."""


class DeviceFault(ComptoirError):
    """A reader or a printer is absent, busy or answers nonsense."""


class DeviceAbsent(DeviceFault):
    """The device is configured and not plugged in, or was unplugged just now."""


class StoreFault(ComptoirError):
    """The disk or the database file refuses: full, read-only, damaged."""
