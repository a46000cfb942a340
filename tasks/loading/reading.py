"""Read plain YAML: maps, lists, texts, numbers. Every value remembers the line it stands on.

Refused, because no programme needs them: anchors and aliases (a kilobyte of them unfolds to
gigabytes), tags, a key twice in one map (the parser would keep the last without a word), deep
nesting, and files over the limit.
"""

import math
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _
from yaml.constructor import SafeConstructor

from tasks.loading.errors import FileRefused, Problem, refused

LIMIT = 5 * 1024 * 1024  # bytes
DEEPEST = 12  # levels; the deepest of a programme is 5
MOST_VALUES = 200_000  # the demonstration programme has about 3,500

Step = str | int
Place = tuple[Step, ...]

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is ten times as fast
_TAG = "tag:yaml.org,2002:"
_PLAIN = {f"{_TAG}{name}" for name in ("str", "int", "float", "bool", "null")}


@dataclass(frozen=True)
class Reading:
    """What a file holds, and the line of each of its values by the steps that lead there."""

    content: Any
    lines: dict[Place, int]

    def line(self, *place: Step) -> int:
        """Return the line of a value, or of the nearest value around it that has one."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def read(path: Path) -> Reading:
    """Read a file. Raises FileRefused, also when it cannot be opened."""
    try:
        with path.open("rb") as file:
            raw = file.read(LIMIT + 1)
    except OSError as error:
        raise refused(0, _("The file cannot be read: %(reason)s.") % {"reason": error.strerror}) from error
    return parse(raw)


def parse(raw: bytes) -> Reading:
    """Read the bytes of a file. Raises FileRefused."""
    if len(raw) > LIMIT:
        limit = LIMIT // 1024**2
        raise refused(0, _("The file is larger than %(limit)d MB.") % {"limit": limit})
    text = _decoded(raw)
    try:
        _check_events(text)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise _malformed(error) from error
    if root is None:
        raise refused(0, _("The file is empty."))
    walk = _Walk()
    content = walk.value(root, ())
    if walk.problems:
        raise FileRefused(walk.problems)
    return Reading(content, walk.lines)


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise refused(line, _("The text is not UTF-8.")) from error


def _check_events(text: str) -> None:
    """Refuse aliases, depth and mere number on the stream of events, before anything is built of it."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=_Loader)):
        line = _line(event.start_mark)
        if count > MOST_VALUES:
            raise refused(line, _("The file holds too many values."))
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise refused(line, _("Anchors (&) and aliases (*) are not accepted; write the value out."))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise refused(line, _("The values are nested too deeply."))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _malformed(error: yaml.YAMLError) -> FileRefused:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    reason = getattr(error, "problem", None) or str(error).splitlines()[0]
    return refused(
        mark.line + 1 if mark else 0, _("This is not valid YAML: %(reason)s.") % {"reason": reason}
    )


def _line(mark: Any) -> int:
    """Return the line of a mark, counted from 1; 0 without one."""
    return mark.line + 1 if mark else 0


class _Walk:
    """Turn nodes into plain values, noting lines and problems on the way."""

    def __init__(self) -> None:
        self.lines: dict[Place, int] = {}
        self.problems: list[Problem] = []
        self._scalars = SafeConstructor()

    def value(self, node: yaml.Node, place: Place) -> Any:
        self.lines.setdefault(place, _line(node.start_mark))
        if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
            return self._map(node, place)
        if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
            return [self.value(child, (*place, index)) for index, child in enumerate(node.value)]
        return self._scalar(node)

    def _map(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = _line(key_node.start_mark)
            key = str(key_node.value)
            if key in found:
                self.problems.append(Problem(line, _("“%(key)s” stands here twice.") % {"key": key}))
            self.lines[(*place, key)] = line  # of the key: where an empty value would have none
            found[key] = self.value(value_node, (*place, key))
        return found

    def _scalar(self, node: yaml.Node) -> Any:
        if node.tag == f"{_TAG}timestamp":  # an unquoted date: kept as it is written, checked by the schema
            return node.value
        try:
            value = self._scalars.construct_object(node) if node.tag in _PLAIN else ...
        except (ValueError, OverflowError):
            value = ...
        if _is_plain(value):
            return value
        self.problems.append(Problem(_line(node.start_mark), _("This value is of no plain kind.")))
        return None


def _is_plain(value: Any) -> bool:
    """Refuse what no column holds: infinite figures, control characters, halves of a letter."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, str):
        return not any(unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t" for c in value)
    return value is not ...
