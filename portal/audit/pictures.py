"""Pictures of a record: its plain values, so that two moments can be compared and told."""

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from portal.audit.events import canonical
from portal.lib.templatetags.portal_ui import vn_number

Picture = dict[str, Any]
"""Values by field name; the rows of its parts under "<model name>.<pk>"."""

Labels = dict[tuple[type[models.Model], Any], str]
"""What records are called, by model and key."""

HIDDEN = "•••"
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Part:
    """A model whose rows are edited as part of their parent, and the key that says so."""

    model: type[models.Model]
    foreign_key: str


def take(obj: models.Model, names: Collection[str], parts: Iterable[Part] = ()) -> Picture:
    """Return the named fields of a saved object, and all editable fields of its parts.

    Reads many-to-many fields and parts from the database; never holds bytes.
    """
    picture = _row(obj, names)
    for part in parts:
        for row in part.model._base_manager.filter(**{part.foreign_key: obj}):
            key = f"{part.model._meta.model_name}.{row.pk}"
            picture[key] = _row(row, editable_names(part.model) - {part.foreign_key})
    return picture


def editable_names(model: type[models.Model]) -> set[str]:
    """Return the fields that a form of the model may show."""
    fields = (*model._meta.fields, *model._meta.many_to_many)
    return {field.name for field in fields if field.editable and not field.primary_key}


def difference(before: Picture, after: Picture, *, hide: Collection[str] = ()) -> dict[str, Picture]:
    """Return {"before": …, "after": …} with only what differs; values of `hide` are not told."""
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return {
        side: {name: HIDDEN if name in hide else values[name] for name in changed if name in values}
        for side, values in (("before", before), ("after", after))
    }


def version(picture: Picture) -> str:
    """Return a short digest that differs when anything in the picture does."""
    return hashlib.sha256(canonical(picture).encode()).hexdigest()[:32]


def _row(obj: models.Model, names: Collection[str]) -> Picture:
    values: Picture = {}
    for field in obj._meta.concrete_fields:
        if field.name in names and not isinstance(field, models.BinaryField):
            values[field.name] = _plain(field.value_from_object(obj))
    for many in obj._meta.many_to_many:
        if many.name in names:
            values[many.name] = sorted(getattr(obj, many.name).values_list("pk", flat=True))
    return values


def _plain(value: Any) -> Any:
    """Keep what JSON keeps; everything else as the text that the audit trail would hold."""
    return value if value is None or isinstance(value, bool | int | str) else str(value)


@dataclass(frozen=True)
class Line:
    """One changed value, in the words of the page that edits it."""

    label: str
    before: str
    after: str


class Teller:
    """Puts payloads made by difference() into words, for one model and its parts."""

    def __init__(self, model: type[models.Model], parts: Iterable[Part] = ()) -> None:
        self._model = model
        self._parts = {str(part.model._meta.model_name): part.model for part in parts}
        self._labels: Labels = {}

    def know(self, labels: Labels) -> None:
        """Take over what records are called, so that lines() asks for none of them."""
        self._labels.update(labels)

    def references(self, payload: Mapping[str, Any]) -> Iterator[tuple[type[models.Model], Any]]:
        """Yield model and key of every other record that lines() would name."""
        for side in ("before", "after"):
            for name, value in (payload.get(side) or {}).items():
                part, _dot, _pk = name.partition(".")
                if part in self._parts and isinstance(value, dict):
                    for key, inner in value.items():
                        yield from _referred(self._parts[part], key, inner)
                else:
                    yield from _referred(self._model, name, value)

    def lines(self, payload: Mapping[str, Any]) -> list[Line]:
        """Return what an event changed; nothing when its payload holds no before or after."""
        before, after = payload.get("before") or {}, payload.get("after") or {}
        lines: list[Line] = []
        for name in sorted(before.keys() | after.keys(), key=_place_in(self._model)):
            part, _dot, pk = name.partition(".")
            if part in self._parts and pk:
                lines += self._part_lines(self._parts[part], before.get(name) or {}, after.get(name) or {})
            else:
                lines.append(self._line(self._model, name, before.get(name), after.get(name)))
        return [line for line in lines if line.before != line.after or HIDDEN in line.after]

    def _part_lines(self, model: type[models.Model], before: Picture, after: Picture) -> list[Line]:
        names = sorted(before.keys() | after.keys(), key=_place_in(model))
        changed = [name for name in names if before.get(name) != after.get(name)]
        noun = capfirst(model._meta.verbose_name)
        lines = [self._line(model, key, before.get(key), after.get(key)) for key in changed]
        return [Line(f"{noun}: {line.label}", line.before, line.after) for line in lines]

    def _line(self, model: type[models.Model], name: str, before: Any, after: Any) -> Line:
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:  # an older event, or one that is not about fields
            return Line(name, _text(before), _text(after))
        label = capfirst(getattr(field, "verbose_name", name))
        return Line(label, self.value(field, before), self.value(field, after))

    def value(self, field: Any, value: Any) -> str:
        """Return a plain value of a field as a reader knows it: the choice, the name, yes or no."""
        if value in (None, "", [], HIDDEN):
            return value or "–"
        if isinstance(value, list):
            return ", ".join(self._label(field.related_model, pk) for pk in value)
        if field.is_relation:
            return self._label(field.related_model, value)
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(field, models.DecimalField) and field.decimal_places <= 2:
            return vn_number(value)
        return _text(value)

    def _label(self, model: type[models.Model], pk: Any) -> str:
        if (model, pk) not in self._labels:
            self._labels[model, pk] = str(model._base_manager.filter(pk=pk).first() or pk)
        return self._labels[model, pk]


def _referred(model: type[models.Model], name: str, value: Any) -> Iterator[tuple[type[models.Model], Any]]:
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return
    if isinstance(field.related_model, type) and value not in (None, "", HIDDEN):
        for pk in value if isinstance(value, list) else [value]:
            yield field.related_model, pk


def _place_in(model: type[models.Model]) -> Callable[[str], tuple[int, str]]:
    """Return a sort key that puts names in the order of the model's fields; parts come last."""
    places = {
        field.name: place for place, field in enumerate((*model._meta.fields, *model._meta.many_to_many))
    }
    return lambda name: (places.get(name, len(places)), name)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, str) and _ISO_DAY.fullmatch(value):
        return date_format(dt.date.fromisoformat(value))
    return "–" if value is None else str(value)
