"""The page of a form older than what it would write over: what was typed, beside what stands there."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.forms import (
    BooleanField,
    ChoiceField,
    Field,
    Form,
    HiddenInput,
    ModelMultipleChoiceField,
    MultipleChoiceField,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise

from portal.lib.errors import StaleError
from portal.lib.templatetags.portal_ui import vn_number


@dataclass(frozen=True)
class Change:
    """One field in both versions, as 409.html reads it."""

    label: str | Promise
    yours: str
    now: str


def stale(
    request: HttpRequest, refusal: StaleError, form: Any, back_url: str, *, besides: Iterable[Change] = ()
) -> HttpResponse:
    """Return the page. The form holds what was sent, and as its initial values what stands there now.

    `besides` is what else the reader should see: words that the form itself does not show.
    """
    facts: dict[str, Any] = {
        "reason": str(refusal),
        "changes": [*changed_fields(form), *besides],
        "back_url": back_url,
    }
    return render(request, "409.html", facts, status=409)


def changed_fields(form: Form) -> list[Change]:
    """Return what was typed beside what stands there now, of the fields in which they differ."""
    rows = []
    for name, field in form.fields.items():
        yours = _shown(field, _sent(form, name, field))
        now = _shown(field, form.get_initial_for_field(field, name))
        if not isinstance(field.widget, HiddenInput) and yours != now:
            rows.append(Change(str(field.label or name), yours, now))
    return rows


def _sent(form: Form, name: str, field: Field) -> Any:
    key = form.add_prefix(name)
    if isinstance(field, MultipleChoiceField | ModelMultipleChoiceField):
        return field.widget.value_from_datadict(form.data, form.files, key)
    return form.data.get(key, "")


def _shown(field: Field, value: Any) -> str:
    """Return a value of a form in the words of its page."""
    if isinstance(field, BooleanField):
        return "✓" if value in {True, "on"} else ""
    if isinstance(field, ChoiceField):
        values = field.prepare_value(value)
        several = values if isinstance(values, list | tuple) else [values]
        names = _names(field.choices)  # type: ignore[arg-type]
        return ", ".join(names.get(str(one), str(one)) for one in several if one not in {None, ""})
    if isinstance(value, Decimal):
        return vn_number(value)
    return str(value or "").strip().replace("\r\n", "\n")


def _names(choices: Iterable[Any]) -> dict[str, str]:
    """Return the words of each choice by what a form sends for it; those under headings too."""
    found: dict[str, str] = {}
    for key, label in choices:
        if isinstance(label, list | tuple):
            found |= _names(label)
        elif str(key):
            found[str(key)] = str(label)
    return found
