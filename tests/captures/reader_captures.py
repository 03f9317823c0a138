"""Reads the captures in `readers/`: real bytes of devices, a file each; the driver kit runs each `*.reader.toml`."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent / "readers"


@dataclass(frozen=True, kw_only=True, slots=True)
class CapturedFrame:
    """One frame as it was on the wire, and what must come of it: a text, or a refusal."""

    name: str
    data: bytes
    text: str | None
    symbology: str | None
    refused: str | None


def devices() -> list[str]:
    """Every device of which there is a capture for the driver kit."""
    return sorted(path.name.removesuffix(".reader.toml") for path in FOLDER.glob("*.reader.toml"))


def capture(device: str) -> dict[str, Any]:
    """The whole file of one device."""
    whole = FOLDER / f"{device}.reader.toml"
    path = whole if whole.exists() else FOLDER / f"{device}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def frames(device: str) -> list[CapturedFrame]:
    """The frames of one device, in the order of its file."""
    return [
        CapturedFrame(
            name=frame["name"],
            data=bytes.fromhex(frame["bytes"]),
            text=frame.get("text"),
            symbology=frame.get("symbology"),
            refused=frame.get("refused"),
        )
        for frame in capture(device)["frame"]
    ]
