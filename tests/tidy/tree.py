"""The files of the project as the tidiness tests see them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


@cache
def project_files() -> tuple[Path, ...]:
    """Everything that is or may become tracked: what git lists and does not ignore, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    names = sorted(set(listed.stdout.split("\0")) - {""})
    return tuple(Path(name) for name in names if (ROOT / name).is_file())


def python_files(*tops: str) -> list[Path]:
    """The Python files below these folders of the root."""
    return [path for path in project_files() if path.suffix == ".py" and path.parts[0] in tops]


@cache
def syntax_tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text("utf-8"), filename=str(path))


def line_count(path: Path) -> int:
    return len((ROOT / path).read_text("utf-8").splitlines())


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(syntax_tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def classes(path: Path) -> Iterator[ast.ClassDef]:
    for node in ast.walk(syntax_tree(path)):
        if isinstance(node, ast.ClassDef):
            yield node


def imported_libraries(path: Path) -> set[str]:
    """Top-level names of everything that a file imports, wherever it stands in it."""
    names = set(libraries_loaded_by_name(path))
    for node in ast.walk(syntax_tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def libraries_loaded_by_name(path: Path) -> Iterator[str]:
    """Top-level names in `import_module("...")`, which no import contract sees."""
    for node in ast.walk(syntax_tree(path)):
        if (
            isinstance(node, ast.Call)
            and ast.unparse(node.func).endswith("import_module")
            and isinstance(node.args[0], ast.Constant)
        ):
            yield str(node.args[0].value).partition(".")[0]
