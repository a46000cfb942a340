"""Everything a user reads exists in Vietnamese, and what is compiled is what was written.

The messages are taken from the source by Python's own parser and Django's template lexer, so that
the test needs no gettext on the machine.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.utils.translation.template import templatize

from tests.source import BASE, at, files, modules, nodes, text

CATALOGUE = BASE / "locale/vi/LC_MESSAGES/django.po"
# Name of the function: places of its message, plural and context among the arguments.
FUNCTIONS = {
    "gettext": (0, None, None),
    "gettext_lazy": (0, None, None),
    "gettext_noop": (0, None, None),
    "ngettext": (0, 1, None),
    "ngettext_lazy": (0, 1, None),
    "pgettext": (1, None, 0),
    "pgettext_lazy": (1, None, 0),
    "npgettext": (1, 2, 0),
}
CALL_IN_TEMPLATE = re.compile(r"\b_\((?=u?['\"])|\b(?:n|p|np)?gettext(?:_noop)?\((?=u?['\"])")
PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]|{\w*}")

Key = tuple[str | None, str, str | None]


def key_of(call: ast.Call, function: str) -> Key | None:
    """Return (context, message, plural) of a call with literal texts, None when it has none."""
    words = [a.value if isinstance(a, ast.Constant) else None for a in call.args]
    message, plural, context = (
        words[i] if i is not None and i < len(words) else None for i in FUNCTIONS[function]
    )
    return (context, message, plural) if isinstance(message, str) else None


def names_of(path: Path) -> dict[str, str]:
    """Return how a module calls the translating functions, for example {"_": "gettext_lazy"}."""
    return {
        alias.asname or alias.name: alias.name
        for node in nodes(path, ast.ImportFrom)
        if node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in FUNCTIONS
    }


def in_python() -> Iterator[tuple[Key, str]]:
    for path in modules():
        names = names_of(path)
        for call in nodes(path, ast.Call):
            function = names.get(getattr(call.func, "id", ""))
            key = function and key_of(call, function)
            if key:
                yield key, at(path, call)


def in_templates() -> Iterator[tuple[Key, str]]:
    for path in files(".html", ".txt", under=("templates", "portal", "tasks", "agreements")):
        if path.suffix == ".txt" and path.parts[0] != "templates":
            continue
        code = templatize(text(path), origin=str(path))
        for match in CALL_IN_TEMPLATE.finditer(code):
            call = parse_call(code[match.start() :])
            function = "gettext" if call.func.id == "_" else call.func.id
            key = key_of(call, function)
            assert key, f"{path}: {ast.unparse(call)}"
            yield key, str(path)


def parse_call(code: str) -> ast.Call:
    """Return the call at the beginning of a text that is not Python after it."""
    for end in (i + 1 for i, char in enumerate(code) if char == ")"):
        try:
            return ast.parse(code[:end], mode="eval").body
        except SyntaxError:
            continue
    raise AssertionError(f"no call: {code[:60]}")


@pytest.fixture(scope="module")
def used() -> dict[Key, str]:
    """Return every message of the source and one place of it."""
    return dict([*in_templates(), *in_python()])


@pytest.fixture(scope="module")
def catalogue() -> dict[Key, polib.POEntry]:
    entries = polib.pofile(str(CATALOGUE))
    return {(e.msgctxt, e.msgid, e.msgid_plural or None): e for e in entries if not e.obsolete}


def translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def test_messages_are_found(used):
    assert len(used) > 100


def test_every_message_is_translated(used, catalogue):
    done = {key for key, entry in catalogue.items() if all(translations(entry)) and not entry.fuzzy}
    missing = {
        message: place
        for (context, message, plural), place in used.items()
        if (context, message, plural) not in done
    }
    assert not missing


def test_no_message_is_left_over(used, catalogue):
    assert not [key[1] for key in catalogue.keys() - used.keys()]


def test_placeholders_are_kept(catalogue):
    wrong = {
        entry.msgid: one
        for entry in catalogue.values()
        for one in translations(entry)
        if one and "python-brace-format" not in entry.flags
        if not set(PLACE.findall(one)) <= set(PLACE.findall(entry.msgid + (entry.msgid_plural or "")))
        or (not entry.msgid_plural and set(PLACE.findall(one)) != set(PLACE.findall(entry.msgid)))
    }
    assert not wrong


def test_compiled_catalogue_is_in_step(catalogue):
    compiled = {
        (e.msgctxt, e.msgid, e.msgid_plural or None): translations(e)
        for e in polib.mofile(str(CATALOGUE.with_suffix(".mo")))
    }
    assert compiled == {k: translations(e) for k, e in catalogue.items() if e.translated()}
