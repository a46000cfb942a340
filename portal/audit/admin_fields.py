"""Fields and rows of the administrator's pages: wide enough, clearly named, open only when they may be."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import (
    AdminTextareaWidget,
    AdminTextInputWidget,
    AutocompleteMixin,
    AutocompleteSelect,
    AutocompleteSelectMultiple,
)
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst

from portal.audit.forms import PartFormSet
from portal.lib.text import one_line

if TYPE_CHECKING:
    AnyAdmin = BaseModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
else:
    AnyAdmin = BaseModelAdmin
    TabularInline = admin.TabularInline

WIDGETS: dict[Any, dict[str, Any]] = {
    # The browser's own date field: keyboard, screen reader and phone know it, and it needs no script.
    models.DateField: {"widget": forms.DateInput({"type": "date"}, format="%Y-%m-%d")},
    models.TextField: {"widget": AdminTextareaWidget({"rows": 4})},
}
LONG_TEXT = 200
"""Characters from which on a line of text gets a wide field."""


class _Steady(AutocompleteMixin):
    """Shows a refused form again whatever was sent: Django asks the database for a row called “abc”."""

    def optgroups(self, name: str, value: Sequence[Any], attr: Any = None) -> Any:
        numbers = [one for one in map(str, value) if re.fullmatch("[0-9]{1,18}", one)]
        return super().optgroups(name, numbers, attr)


class SteadySelect(_Steady, AutocompleteSelect):
    pass


class SteadySelectMultiple(_Steady, AutocompleteSelectMultiple):
    pass


class ClearFields(AnyAdmin):
    """Fields as wide as what they hold, and choices under the name that their own page gives them."""

    long_text: ClassVar[dict[str, Any]] = {"class": "vLargeTextField"}
    choice_width = "36em"

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, AdminTextInputWidget):
            field.validators.append(one_line)
            if (db_field.max_length or 0) >= LONG_TEXT:
                field.widget.attrs |= self.long_text
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = SteadySelect(db_field, self.admin_site)
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        home = self.admin_site._registry.get(db_field.remote_field.model)
        label = getattr(home, "choice_label", None)
        if field is not None and label is not None:
            field.label_from_instance = label
            field.widget.attrs["data-width"] = self.choice_width
        return field

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = SteadySelectMultiple(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class PartInline(ClearFields, TabularInline):
    """Rows edited on their parent's page; whether they may be is asked of the parent."""

    formset = PartFormSet
    extra = 0
    show_change_link = False
    formfield_overrides = WIDGETS
    long_text: ClassVar[dict[str, Any]] = {"class": "", "size": 48}
    choice_width = "24em"

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Name each field by itself: in a table Django writes the label over the column only."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            widget = getattr(field.widget, "widget", field.widget)  # beneath the add and change buttons
            widget.attrs.setdefault("aria-label", capfirst(field.label))
        return field

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.select_related(*self.autocomplete_fields) if self.autocomplete_fields else rows

    def is_open(self, parent: Any) -> bool:
        """Return whether rows of this parent (None: of a new one) may be added and changed."""
        return True

    def is_removable(self, parent: Any) -> bool:
        """Return whether rows of this parent may be removed."""
        return self.is_open(parent)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and self.is_open(obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self.is_open(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.is_removable(obj)
