"""What is done often, with its address, beside a home's work list."""

from django.urls import reverse
from django.utils.translation import gettext as _


def with_people() -> tuple[tuple[str, str], ...]:
    """What an administrator does about people and posts: label and address."""
    return (
        (_("Invite a member"), reverse("people:invite")),
        (_("Hand over a post"), reverse("handovers:list")),
        (_("Lost second factor"), reverse("people:lost_factors")),
        (_("People and posts"), reverse("people:list")),
        (_("Administration"), reverse("admin:index")),
    )


def of_agency() -> tuple[tuple[str, str], ...]:
    """Where an agency finds what came of the year, how it is rated, and what became of its proposals."""
    return (
        (_("Interim and annual reviews"), reverse("reviews:list")),
        (_("Rating of agencies"), reverse("ratings:list")),
        (_("Proposals of agencies"), reverse("proposals:list")),
        (_("Schemes, projects, master plans"), reverse("schemes:list")),
        (_("Documents of the year"), reverse("papers:list")),
    )


def of_clerk() -> tuple[tuple[str, str], ...]:
    """Where the records office finds what it registers, and the reports it enters from paper."""
    return (
        (_("Documents of the year"), reverse("papers:list")),
        (_("Reports"), reverse("reports:list")),
        (_("Interim and annual reviews"), reverse("reviews:list")),
    )


def of_heads() -> tuple[tuple[str, str], ...]:
    """What heads do now and then."""
    return ((_("Leave to send reports"), reverse("reports:grant")), *of_agency())


def of_officer() -> tuple[tuple[str, str], ...]:
    """What the officer keeps through the year."""
    return (*of_agency(), (_("Ledger of shortcomings"), reverse("shortcomings:list")))
