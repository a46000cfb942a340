"""docs/security.md names requirements and tests; each test it names exists."""

import ast
import re
from pathlib import Path

from tests.source import BASE, text, tree

PAGE = text(Path("docs/security.md"))
ROW = re.compile(r"^\| (\S+) \| (.+) \| `(\S+)::(\w+)` \|$", re.MULTILINE)
TABLE = PAGE.partition("| ASVS |")[2]
ROWS = ROW.findall(TABLE)


def test_every_row_can_be_read():
    lines = [line for line in TABLE.splitlines()[2:] if line.startswith("|")]
    assert len(lines) == len(ROWS) >= 40


def test_every_test_that_is_named_exists():
    missing = [
        f"{path}::{name}"
        for _number, _what, path, name in ROWS
        if not (BASE / path).is_file() or name not in functions(Path(path))
    ]
    assert missing == []


def functions(path: Path) -> set[str]:
    return {node.name for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)}


def test_numbers_are_of_the_standard_and_in_order():
    numbers = [tuple(map(int, number.split("."))) for number, *_rest in ROWS]
    assert numbers == sorted(numbers)
    assert [number for number in numbers if len(number) != 3 or not 1 <= number[0] <= 17] == []
