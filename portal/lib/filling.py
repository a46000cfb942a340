"""Write values into the form of a finished page, whatever made the page."""

from collections.abc import Callable, Iterable
from html import escape
from html.parser import HTMLParser
from itertools import accumulate

Attributes = list[tuple[str, str | None]]
_KEPT_TYPES = {"hidden", "password", "file", "submit", "button", "image", "reset"}
"""Inputs that stay as the page made them: its tokens, and what nobody but the reader may fill."""


def fill(
    page: str, is_wanted: Callable[[str], bool], fields: Iterable[tuple[str, str]]
) -> tuple[str, list[str]]:
    """Return the page with the values in the forms sent to a wanted address, and the words left over.

    All of the page that is no such input stays as it was, letter for letter. Left over are values of
    several words that no input of the page could take.
    """
    finder = _Finder()
    finder.feed(page)
    wanted = {n for n, addresses in enumerate(finder.forms) if any(map(is_wanted, addresses))}
    filler = _Filler(page, wanted, list(fields))
    filler.feed(page)
    filler.close()
    return filler.result(), [value for name, value in filler.values if " " in value.strip()]


class _Finder(HTMLParser):
    """Collects, form by form, the addresses that its buttons send to; none of a form that is not posted."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[set[str]] = []

    def handle_starttag(self, tag: str, attributes: Attributes) -> None:
        given = dict(attributes)
        if tag == "form":
            is_posted = (given.get("method") or "").lower() == "post"
            self.forms.append({given.get("action") or ""} if is_posted else set())
        elif "formaction" in given and self.forms and self.forms[-1]:
            self.forms[-1].add(given["formaction"] or "")


class _Filler(HTMLParser):
    """Collects replacements (begin, end, text) while it reads; positions are offsets into the page."""

    def __init__(self, page: str, wanted: set[int], fields: list[tuple[str, str]]) -> None:
        super().__init__(convert_charrefs=False)
        self.page, self.wanted, self.form = page, wanted, -1
        self.fields, self.values = fields, list(fields)
        self.lines = [0, *accumulate(len(line) + 1 for line in page.split("\n"))]
        self.edits: list[tuple[int, int, str]] = []
        self.inside = False
        self.select: str | None = None
        self.text_from: tuple[int, str] | None = None

    def result(self) -> str:
        parts, at = [], 0
        for begin, end, text in self.edits:
            parts += [self.page[at:begin], text]
            at = end
        return "".join([*parts, self.page[at:]])

    def handle_starttag(self, tag: str, attributes: Attributes) -> None:
        given = dict(attributes)
        name = given.get("name") or ""
        if tag == "form":
            self.form += 1
            self.inside = self.form in self.wanted
        elif not self.inside:
            return
        elif tag == "input" and name and (given.get("type") or "text").lower() not in _KEPT_TYPES:
            self._input(attributes, name, (given.get("type") or "text").lower())
        elif tag == "textarea" and name:
            value = self._take(name)
            if value is not None:
                self.text_from = (self._here() + len(self.get_starttag_text() or ""), value)
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select:
            self._tick(attributes, self.select, given.get("value") or "", "selected")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self.select = None
        elif tag == "textarea" and self.text_from:
            begin, value = self.text_from
            self.edits.append((begin, self._here(), f"\n{escape(value)}"))  # HTML drops the first line feed
            self.text_from = None

    def _input(self, attributes: Attributes, name: str, kind: str) -> None:
        if kind in {"checkbox", "radio"}:
            self._tick(attributes, name, dict(attributes).get("value") or "on", "checked")
            return
        value = self._take(name)
        if value is not None:
            self._write([(key, given) for key, given in attributes if key != "value"] + [("value", value)])

    def _tick(self, attributes: Attributes, name: str, value: str, mark: str) -> None:
        """Mark what was chosen, and only that: what was sent without it was left unticked."""
        is_chosen = (name, value) in self.fields
        if is_chosen and (name, value) in self.values:
            self.values.remove((name, value))
        if is_chosen != (mark in dict(attributes)):
            rest = [(key, given) for key, given in attributes if key != mark]
            self._write([*rest, (mark, None)] if is_chosen else rest)

    def _take(self, name: str) -> str | None:
        """Return the next value of a name, which then is no longer left over."""
        for place, (key, value) in enumerate(self.values):
            if key == name:
                del self.values[place]
                return value
        return None

    def _write(self, attributes: Attributes) -> None:
        text = self.get_starttag_text() or ""
        tag = text[1:].split(None, 1)[0].rstrip("/>")
        words = [key if value is None else f'{key}="{escape(value)}"' for key, value in attributes]
        begin = self._here()
        self.edits.append((begin, begin + len(text), f"<{' '.join([tag, *words])}>"))

    def _here(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column
