"""What verbs of events are called: each app names its own in its verbs.py and registers them in ready().

The records that administrators keep need no names: `<model>.added`, `.changed` and `.deleted` are
said of any of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    RECORDS = "records", _("Records kept by the administrator")
    PROGRAMMES = "programmes", _("Programmes")
    ASSIGNMENTS = "assignments", _("Assignments and their results")
    SIGNING = "signing", _("Agreements and signatures")
    ACCOUNTS = "accounts", _("Accounts and certificates")
    SYSTEM = "system", _("The portal itself")


@dataclass(frozen=True)
class Verb:
    """How an event is told. `is_private`: its details speak of progress, which not every reader sees."""

    label: str | Promise
    kind: Kind
    is_private: bool = False


@dataclass(frozen=True)
class Detail:
    """How a key of an event's details is told; `choices` name its values."""

    label: str | Promise
    choices: Mapping[Any, Any] | None = None


RECORDS = {
    "added": Verb(_("added the record"), Kind.RECORDS),
    "changed": Verb(_("changed the record"), Kind.RECORDS),
    "deleted": Verb(_("deleted the record"), Kind.RECORDS),
}
Named = TypeVar("Named")
_verbs: dict[str, Verb] = {}
_details: dict[str, Detail] = {}


def register(verbs: Mapping[str, Verb], details: Mapping[str, Detail] | None = None) -> None:
    """Name the verbs of an app, and the keys of their details; a name given twice is a mistake."""
    _name(_verbs, verbs)
    _name(_details, details or {})


def _name(known: dict[str, Named], new: Mapping[str, Named]) -> None:
    if clash := {name for name in known.keys() & new.keys() if known[name] != new[name]}:
        raise ValueError(f"named twice: {', '.join(sorted(clash))}")
    known.update(new)


def find(name: str) -> Verb:
    """Return how a verb is told; one of a later or earlier release by its own name, its details kept back."""
    if name in _verbs:
        return _verbs[name]
    done = name.rpartition(".")[2]
    return RECORDS.get(done) or Verb(name, Kind.SYSTEM, is_private=True)


def detail(key: str) -> Detail:
    return _details.get(key) or Detail(key)


def known() -> Mapping[str, Verb]:
    """Return every verb that has a name of its own."""
    return _verbs
