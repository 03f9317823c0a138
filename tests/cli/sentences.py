"""What the source says to people, found in the source: words of the command line, sentences of errors."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent.parent / "daemon"

ERRORS: Final = {
    "OperatorMistake",
    "NotFound",
    "Conflicting",
    "Outdated",
    "Taken",
    "Unidentified",
    "Forbidden",
    "TooSoon",
    "NotProved",
    "PeerFault",
    "OutOfReach",
    "NoAnswer",
    "NotRunning",
    "StoreFault",
    "DeviceFault",
    "DeviceAbsent",
    "Refusal",
    "_mistake",
    "_taken",
    "Refuse",
    "Fault",
    "Remark",
    "BadLine",
}

MACHINES_ONLY: Final = (
    "daemon/certificates.py",
    "daemon/demo/",
    "daemon/domain/canonical.py",
    "daemon/domain/change.py",
    "daemon/drivers/",
    "daemon/store/following.py",
    "daemon/store/ordering.py",
    "daemon/sync/columns.py",
    "daemon/sync/link.py",
    "daemon/sync/mqtt.py",
    "daemon/sync/wire.py",
    "daemon/web/",
    "daemon/typed.py",
)
"""Rooms whose errors are read by whoever looks after the chain, in logs, or by programs: English is enough."""


def said_words() -> dict[str, tuple[str, ...]]:
    """English sentences of the command line: (sentence,) or (one, several)."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted((ROOT / "cli").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "counted"}:
                count = 1 if node.func.id == "_" else 2
                texts = [str(arg.value) for arg in node.args[:count] if isinstance(arg, ast.Constant)]
                if len(texts) == count:
                    found[texts[0]] = tuple(texts)
    return found


def error_sentences() -> Iterator[tuple[str, str]]:
    """(file, sentence with {} for what is put in) of every error that a person may read."""
    for path in sorted(ROOT.rglob("*.py")):
        name = str(path.relative_to(ROOT.parent))
        if name.startswith(MACHINES_ONLY):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in ERRORS:
                for value in [*node.args, *(word.value for word in node.keywords if word.arg == "sentence")]:
                    text = _template(value)
                    if text is not None and " " in text and text.strip("{}: "):
                        yield name, text


def _name(function: ast.expr) -> str:
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def _template(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None
