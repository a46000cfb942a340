"""Forms of drafted paragraphs, which consolidated reports and reviews share."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.lib.fields import TEXT_LENGTH, WordsField
from tasks.paragraphs import Typed

PARAGRAPH_LENGTH = TEXT_LENGTH + 10_000
"""What one agency may write in a line, with the names of all of them behind it."""


class ParagraphsForm(forms.Form):
    """A text for each paragraph of one part, and whether it is left out."""

    version = forms.CharField(max_length=20, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, version: str, paragraphs: Iterable[tuple[int, str, bool]]
    ) -> None:
        """`paragraphs`: key, text, whether it is left out; of each, in the order of the page."""
        super().__init__(data, initial={"version": version})
        self.keys = []
        for n, (pk, text, is_left_out) in enumerate(paragraphs, 1):
            self.keys.append(pk)
            self.fields[f"text_{pk}"] = forms.CharField(
                label=_("Paragraph %(n)s") % {"n": n},
                max_length=PARAGRAPH_LENGTH,
                required=False,
                widget=forms.Textarea({"rows": min(2 + len(text) // 110, 12)}),
                initial=text,
            )
            self.fields[f"out_{pk}"] = forms.BooleanField(
                label=_("Leave paragraph %(n)s out") % {"n": n}, required=False, initial=is_left_out
            )

    @property
    def typed(self) -> Typed:
        """What was typed, of a valid form."""
        said = self.cleaned_data
        texts = {pk: said[f"text_{pk}"] for pk in self.keys}
        return Typed(texts, frozenset(pk for pk in texts if said[f"out_{pk}"]))


class AddForm(forms.Form):
    """Paragraphs of the officer's own."""

    text = WordsField(label=_("New paragraphs, one a line"))
