"""The tabs over the pages of notices and mail: each person's own."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.notices import access
from portal.users.models import User


@dataclass(frozen=True)
class Tab:
    """One page: `name` is that of its address."""

    name: str
    label: str
    url: str


def under_tabs(user: User, name: str) -> dict[str, object]:
    """Return what a page under the tabs reads: all of the reader's, and which one it is."""
    every = tabs(user)
    return {"tabs": every, "here": next(tab for tab in every if tab.name == name)}


def tabs(user: User) -> list[Tab]:
    """Return the pages that the reader may open, in their order."""
    rows = [("list", _("Notices"), True), ("preferences", _("How mail comes"), True)]
    rows.append(("coming", _("The next two weeks"), access.may_foresee(user)))
    rows.append(("undelivered", _("Undelivered"), access.may_send_again(user)))
    rows.append(("mail_list", _("Mail"), settings.DEMO))
    return [Tab(name, label, reverse(f"notices:{name}")) for name, label, is_shown in rows if is_shown]
