"""Forms of records: one that two administrators may have open at once, and rows that are its parts."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django import forms
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from portal.audit.pictures import Picture

VERSION_FIELD = "_version"


class VersionedForm(forms.ModelForm):
    """Refuses once when the record changed since the page was made, keeping what was typed.

    The page is shown again with the present version, so that saving a second time is a decision.
    """

    before: Picture
    version: str
    tell: Callable[[Any], Iterator[str]]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        seen = self.data.get(VERSION_FIELD)
        if seen is not None and seen != self.version:
            for line in self.tell(self):
                self.add_error(None, line)
        return cleaned


class PartFormSet(forms.BaseInlineFormSet):
    """Rows of one parent; a double is told by the names on the page, not by those in the code."""

    def get_unique_error_message(self, unique_check: Sequence[str]) -> str:
        names = [str(self.model._meta.get_field(name).verbose_name) for name in unique_check]
        return _("The same stands in two rows: %(fields)s.") % {"fields": get_text_list(names, _("and"))}
