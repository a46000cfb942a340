"""Forms of comments: shapes only; rules are asked in the actions."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.lib.fields import offer_choices
from tasks.models.comments import LONGEST

Group = tuple[str, list[tuple[int, str]]]
"""An agency, and its people as (key, name and post)."""


def _text(**kwargs: Any) -> forms.CharField:
    widget = forms.Textarea({"rows": 4})
    return forms.CharField(label=_("Your comment"), max_length=LONGEST, widget=widget, **kwargs)


class CommentForm(forms.Form):
    """Words, who may read them, and who is called upon."""

    text = _text(help_text=_("Addresses of web pages become links. No state secrets."))
    is_internal = forms.BooleanField(
        label=_("For my agency only"),
        required=False,
        help_text=_("Neither the command nor other agencies read it."),
    )
    mentioned = forms.TypedMultipleChoiceField(
        label=_("Mention"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, groups: Sequence[Group], **kwargs: Any) -> None:
        """`groups` are those who may be mentioned, by agency."""
        super().__init__(*args, **kwargs)
        self.groups = groups
        offer_choices(self, "mentioned", groups)

    @property
    def chosen(self) -> set[int]:
        """The keys that were sent, for the boxes of a form that comes back."""
        given = self.data.getlist("mentioned") if self.is_bound else []  # type: ignore[attr-defined]
        return {int(key) for key in given if key in self._offered}

    @property
    def _offered(self) -> set[str]:
        return {str(key) for _name, people in self.groups for key, _label in people}


class EditForm(forms.Form):
    """The words anew. `version` is the state of the comment that the person saw."""

    text = _text()
    version = forms.CharField(max_length=40, widget=forms.HiddenInput)
