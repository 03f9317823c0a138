"""Messages of the Internet Printing Protocol, as much of it as one client asks (RFC 8010, RFC 8011); no I/O.

version 1.1 | operation or status | request id | groups of attributes | end | the document
attribute: tag | length, name | length, value; one without a name is a further value of the one before
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, TypeAlias

from daemon.errors import PeerFault

VERSION: Final = b"\x01\x01"
GROUP_OPERATION, GROUP_JOB, END = 0x01, 0x02, 0x03
FIRST_VALUE_TAG: Final = 0x10
ANSWER_BYTES_MAX: Final = 1 << 20


class Operation(IntEnum):
    """What is asked."""

    PRINT_JOB = 0x0002
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_PRINTER_ATTRIBUTES = 0x000B


class Tag(IntEnum):
    """How a value is written."""

    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME_TYPE = 0x49


Value: TypeAlias = int | str | bool | bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribute:
    """One attribute to send."""

    tag: Tag
    name: str
    values: tuple[str | int, ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class IppAnswer:
    """A status (below 0x0100: done) and the attributes of the answer, all groups together."""

    status: int
    attributes: Mapping[str, tuple[Value, ...]]

    @property
    def is_done(self) -> bool:
        """Whether it was done as asked."""
        return self.status < 0x0100

    def number(self, name: str) -> int:
        """The first value of a numeric attribute; 0 where it is missing."""
        value = next(iter(self.attributes.get(name, ())), 0)
        return value if isinstance(value, int) else 0

    def words(self, name: str) -> tuple[str, ...]:
        """The values of a textual attribute."""
        return tuple(value for value in self.attributes.get(name, ()) if isinstance(value, str))


def request(operation: Operation, attributes: Sequence[Attribute], document: bytes = b"") -> bytes:
    """A request; charset and language, which come first, are added."""
    first = (
        Attribute(tag=Tag.CHARSET, name="attributes-charset", values=("utf-8",)),
        Attribute(tag=Tag.LANGUAGE, name="attributes-natural-language", values=("en",)),
    )
    body = b"".join(_encoded(attribute) for attribute in (*first, *attributes))
    head = VERSION + int(operation).to_bytes(2, "big") + (1).to_bytes(4, "big")
    return head + bytes((GROUP_OPERATION,)) + body + bytes((END,)) + document


def read_answer(raw: bytes) -> IppAnswer:
    """Read an answer; raises PeerFault for what is none."""
    if len(raw) < 9:
        raise PeerFault("the print server answered with less than an IPP message")
    attributes: dict[str, tuple[Value, ...]] = {}
    at, name = 8, ""
    while at < len(raw) and raw[at] != END:
        if raw[at] < FIRST_VALUE_TAG:
            at += 1
            continue
        tag, told, value, at = _attribute(raw, at)
        name = told or name
        attributes[name] = (*(attributes.get(name, ()) if not told else ()), _value(tag, value))
    return IppAnswer(status=int.from_bytes(raw[2:4], "big"), attributes=attributes)


def _encoded(attribute: Attribute) -> bytes:
    out = b""
    for number, value in enumerate(attribute.values):
        name = attribute.name.encode("ascii") if number == 0 else b""
        raw = value.to_bytes(4, "big", signed=True) if isinstance(value, int) else value.encode("utf-8")
        out += bytes((attribute.tag,)) + _sized(name) + _sized(raw)
    return out


def _sized(raw: bytes) -> bytes:
    return len(raw).to_bytes(2, "big") + raw


def _attribute(raw: bytes, at: int) -> tuple[int, str, bytes, int]:
    """Tag, name, value, and where the next one starts."""
    name, after = _counted(raw, at + 1)
    value, end = _counted(raw, after)
    return raw[at], name.decode("utf-8", errors="replace"), value, end


def _counted(raw: bytes, at: int) -> tuple[bytes, int]:
    length = int.from_bytes(raw[at : at + 2], "big")
    end = at + 2 + length
    if at + 2 > len(raw) or end > len(raw):
        raise PeerFault("the print server's answer ends within an attribute")
    return raw[at + 2 : end], end


def _value(tag: int, raw: bytes) -> Value:
    if tag in (Tag.INTEGER, Tag.ENUM):
        return int.from_bytes(raw, "big", signed=True)
    if tag == Tag.BOOLEAN:
        return raw != b"\x00"
    return raw.decode("utf-8", errors="replace") if tag >= 0x40 else raw
