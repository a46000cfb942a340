"""Paragraphs that the portal drafts and an officer makes her own: of consolidated reports and of reviews."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal.lib.errors import RuleError
from portal.lib.text import filled_lines
from tasks.models.paragraphs import DraftedParagraph

OWN_LAST = 1_000_000
"""Order from which the officer's own paragraphs stand: after what was drafted, in the order written."""

Paragraph = TypeVar("Paragraph", bound=DraftedParagraph)


@dataclass(frozen=True)
class Typed:
    """What was typed into one part of a text: texts by the paragraph's key, and what is left out."""

    texts: Mapping[int, str] = field(default_factory=dict)
    left_out: frozenset[int] = frozenset()


def keep(rows: QuerySet[Paragraph], typed: Typed) -> None:
    """Store what was typed into some of these paragraphs."""
    changed = list(rows.filter(pk__in=typed.texts))
    for row in changed:
        row.text = typed.texts[row.pk].strip()
        row.is_left_out = row.pk in typed.left_out
    rows.model._default_manager.bulk_update(changed, ["text", "is_left_out"], batch_size=100)


def own_lines(text: str) -> tuple[str, ...]:
    """Return the paragraphs that somebody adds, one a line. Raises RuleError when there is none."""
    lines = filled_lines(text)
    if not lines:
        raise RuleError(_("Write the paragraph that is to be added."))
    return lines


def follow(row: DraftedParagraph, text: str, place: int) -> None:
    """Bring a paragraph up to what is found now; what the officer edited keeps her words."""
    row.is_new = row.drafted != text
    row.text = row.text if row.is_edited else text
    row.drafted, row.order = text, place
