"""Each room is a package whose `__init__` is its map."""

import ast
from pathlib import Path

from tests.tidy.tree import ROOT, line_count, python_files, syntax_tree

MAP_LINES_MAX = 25


def rooms() -> set[Path]:
    return {path.parent for path in python_files("daemon")}


def is_map(tree: ast.Module) -> bool:
    """A docstring, names brought in and listed: no logic."""
    allowed = (ast.Import, ast.ImportFrom)
    return bool(ast.get_docstring(tree)) and all(
        isinstance(node, allowed) or _is_docstring(node) or _is_list_of_names(node) for node in tree.body
    )


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_list_of_names(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id in {"__all__", "__version__"}
    )


def test_every_room_has_a_map() -> None:
    assert not [str(room) for room in sorted(rooms()) if not (ROOT / room / "__init__.py").is_file()]


def test_every_map_is_short_and_free_of_logic() -> None:
    maps = [path for path in python_files("daemon") if path.name == "__init__.py"]
    assert not [str(path) for path in maps if line_count(path) > MAP_LINES_MAX or not is_map(syntax_tree(path))]


def test_logic_in_a_map_is_recognised() -> None:
    assert not is_map(ast.parse('"""Words."""\nif True:\n    limit = 3\n'))
    assert not is_map(ast.parse("from a import b\n"))
    assert is_map(ast.parse('"""Words."""\nfrom a import b\n__all__ = ["b"]\n'))
