"""Forms about one's own mail."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.lib.fields import offer_choices
from portal.notices import preferences
from portal.notices.models import MailPreference


class PreferenceForm(forms.Form):
    """Hour, language, and the groups that come by mail: ticked is wanted."""

    hour = forms.TypedChoiceField(label=_("Hour of the daily mail"), choices=MailPreference.HOURS, coerce=int)
    language = forms.ChoiceField(label=_("Language of mails"), choices=MailPreference.LANGUAGES)
    wanted = forms.MultipleChoiceField(
        label=_("By mail, besides in the portal"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, preference: MailPreference, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = preferences.optional_groups()
        offer_choices(self, "wanted", [(group.value, group.label) for group in groups])
        wanted = [group.value for group in groups if group not in preference.unwanted]
        self.initial = {"hour": preference.hour, "language": preference.language, "wanted": wanted}

    @property
    def unwanted(self) -> set[str]:
        """Groups that were not ticked."""
        return {group.value for group in preferences.optional_groups()} - set(self.cleaned_data["wanted"])
