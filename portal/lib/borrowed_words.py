"""Words of Django that stand on our pages and that Django itself does not have in Vietnamese.

Named here so that they are collected into the portal's own catalogue; nothing imports this.
"""

from django.utils.translation import gettext_noop, ngettext

WORDS = (
    gettext_noop("Added:"),
    gettext_noop("Add link"),
    gettext_noop("Breadcrumbs"),
    gettext_noop("Change or view list link"),
    gettext_noop("Changed:"),
    gettext_noop("Constraint “%(name)s” is violated."),
    gettext_noop("Deleted:"),
    gettext_noop(
        "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters."
    ),
    gettext_noop("Error:"),
    gettext_noop("Filter navigation items"),
    gettext_noop("Forbidden"),
    gettext_noop("History"),
    gettext_noop("Hide counts"),
    gettext_noop("Model name"),
    gettext_noop("Null characters are not allowed."),
    gettext_noop("Select all objects on this page for an action"),
    gettext_noop("Select this object for an action - {}"),
    gettext_noop("Show counts"),
    gettext_noop("Sidebar"),
    gettext_noop("Skip to main content"),
    gettext_noop("The inline value did not match the parent instance."),
    gettext_noop("Toggle navigation"),
    gettext_noop("Toggle theme (current theme: auto)"),
    gettext_noop("Toggle theme (current theme: dark)"),
    gettext_noop("Toggle theme (current theme: light)"),
    gettext_noop("View selected %(model)s"),
    gettext_noop("“%(pk)s” is not a valid value."),
)


def plurals(count: int) -> tuple[str, ...]:
    """Name the plural ones too; gettext_noop has no form for them."""
    return (
        ngettext("Please correct the error below.", "Please correct the errors below.", count),
        ngettext("Please submit at most %(num)d form.", "Please submit at most %(num)d forms.", count),
        ngettext("Please submit at least %(num)d form.", "Please submit at least %(num)d forms.", count),
        ngettext(
            "This password is too short. It must contain at least %d character.",
            "This password is too short. It must contain at least %d characters.",
            count,
        ),
    )
