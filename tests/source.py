"""The project's own files, for tests of the code base itself."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

BASE = Path(__file__).resolve().parents[1]
PACKAGES = ("portal", "tasks", "agreements")


@cache
def files(*endings: str, under: tuple[str, ...] = ()) -> tuple[Path, ...]:
    """Return what git keeps, and what is new and not ignored, as sorted paths relative to the project."""
    said = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *under],
        cwd=BASE,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    names = (Path(name) for name in said.split("\0") if name.endswith(endings or ("",)))
    return tuple(sorted(name for name in names if (BASE / name).is_file()))


def modules(*under: str) -> list[Path]:
    """Return the Python files of the three packages without migrations."""
    return [p for p in files(".py", under=under or PACKAGES) if "migrations" not in p.parts]


@cache
def text(path: Path) -> str:
    return (BASE / path).read_text()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(text(path), str(path))


@cache
def _walk(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree(path)))


def nodes(path: Path, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
    return (node for node in _walk(path) if isinstance(node, kinds))


def at(path: Path, node: ast.AST) -> str:
    """Return file:line of a node."""
    return f"{path}:{node.lineno}"
