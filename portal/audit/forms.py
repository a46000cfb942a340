"""The form of a record that two administrators may have open at once."""

from collections.abc import Callable, Iterator
from typing import Any

from django import forms

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
