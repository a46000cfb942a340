"""Which events a reader asks for. Everything is in the address; pages are cut by number, never counted."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from agreements.access import visible_documents, visible_signatures
from portal.agencies.models import Agency
from portal.audit import verbs
from portal.audit.admin_base import RecordAdmin
from portal.audit.models import Event
from portal.dashboards import access
from portal.lib.dates import LOCAL
from portal.lib.text import fold
from portal.users.access import visible_people, visible_posts
from portal.users.models import User
from tasks.access import visible_agencies, visible_assignments, visible_programmes

FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST_OBJECTS = 2000
"""Objects of one kind that a word search looks for; who means more uses another choice."""

REFERENCE = re.compile(r"[a-z]{1,30}\.[a-z]{1,30}:[\w-]{1,64}", re.ASCII)


class TrailForm(forms.Form):
    """The choices: period, agency, action, words of a person, words of an object, one object."""

    since = forms.DateField(label=_("From day"), required=False)
    until = forms.DateField(label=_("To day"), required=False)
    agency = forms.CharField(label=_("Agency"), max_length=30, required=False)
    action = forms.CharField(label=_("Action"), max_length=60, required=False)
    person = forms.CharField(label=_("Person"), max_length=100, required=False)
    object = forms.CharField(label=_("Object"), max_length=200, required=False)
    subject = forms.CharField(label=_("One object"), max_length=130, required=False)
    before = forms.IntegerField(label=_("Older than"), min_value=1, max_value=2**62, required=False)
    after = forms.IntegerField(label=_("Newer than"), min_value=0, max_value=2**62, required=False)

    def clean_since(self) -> dt.date | None:
        return _within_reason(self.cleaned_data["since"])

    def clean_until(self) -> dt.date | None:
        return _within_reason(self.cleaned_data["until"])

    def clean_action(self) -> str:
        action: str = self.cleaned_data["action"]
        if action and action not in verbs.Kind.values and action not in {*verbs.known(), *verbs.RECORDS}:
            raise ValidationError(_("There is no such action."))
        return action

    def clean_subject(self) -> str:
        subject: str = self.cleaned_data["subject"]
        if subject and not REFERENCE.fullmatch(subject):
            raise ValidationError(_("There is no such object."))
        return subject

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("since") and given.get("until") and given["since"] > given["until"]:
            self.add_error("until", _("The period ends before it begins."))
        return given


def _within_reason(day: dt.date | None) -> dt.date | None:
    if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(_("Give a day between 2000 and 2100."))
    return day


def chosen(form: TrailForm, user: User) -> QuerySet[Event]:
    """Return the events that fit a form, newest first; none when it is not valid."""
    if not form.is_valid():
        return access.visible_events(user).none()
    conditions = Q()
    for name, condition in CONDITIONS.items():
        if value := form.cleaned_data[name]:
            conditions &= condition(value, user)
    return access.visible_events(user).filter(conditions).order_by("-seq")


# --- Conditions -----------------------------------------------------------------------------------
def _since(day: dt.date, user: User) -> Q:
    return Q(at__gte=dt.datetime.combine(day, dt.time.min, LOCAL))


def _until(day: dt.date, user: User) -> Q:
    return Q(at__lt=dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, LOCAL))


def _action(action: str, user: User) -> Q:
    """A kind, a step that any record can go through, or one verb."""
    if action in verbs.RECORDS:
        return Q(verb__in=_of_records(action))
    if action in verbs.known():
        return Q(verb=action)
    named = [name for name, verb in verbs.known().items() if verb.kind == action]
    if action == verbs.Kind.RECORDS:
        named += [name for done in verbs.RECORDS for name in _of_records(done)]
    return Q(verb__in=sorted(named))


def _of_records(done: str) -> list[str]:
    """Return the verb of every record that administrators keep; what actions write has names of its own."""
    pages = admin.site._registry.items()
    names = {f"{model._meta.model_name}.{done}" for model, page in pages if not isinstance(page, RecordAdmin)}
    return sorted(names - verbs.known().keys())


def _person(words: str, user: User) -> Q:
    """Every word occurs, diacritics and case apart, in the user name or the name."""
    return Q(actor_id__in=list(_with_words(visible_people(user), words, "name_folded")[:MOST_OBJECTS]))


def _object(words: str, user: User) -> Q:
    """Every word occurs in what an object is called today; of an object that is gone nothing is found."""
    found = Q(pk__in=[])
    for kind, keys in _objects(words, user):
        if keys:
            found |= Q(subject_type=kind, subject_id__in=[str(key) for key in keys])
    return found


def _objects(words: str, user: User) -> Iterator[tuple[str, list[Any]]]:
    programmes = [
        programme.pk
        for programme in visible_programmes(user)
        if all(word in fold(f"{programme.year} {programme.title_vi}") for word in fold(words).split())
    ]
    yield "tasks.programme", programmes
    documents = visible_documents(user)
    yield "agreements.document", list(documents.filter(programme__in=programmes).values_list("pk", flat=True))
    searched: list[tuple[QuerySet[Any], tuple[str, ...]]] = [
        (visible_assignments(user), ("folded",)),
        (visible_agencies(user), ("name_folded",)),
        (visible_people(user), ("name_folded",)),
        (visible_posts(user), ("user__name_folded", "agency__name_folded")),
        (visible_signatures(user), ("signer__name_folded", "field__agency__name_folded")),
        (access.certificates_in_trail(user), ("user__name_folded", "agency__name_folded")),
    ]
    for rows, columns in searched:
        yield rows.model._meta.label_lower, list(_with_words(rows, words, *columns)[:MOST_OBJECTS])


def _with_words(rows: QuerySet[Any], words: str, *columns: str) -> QuerySet[Any]:
    fits = Q()
    for word in fold(words).split():
        fits &= reduce(or_, (Q(**{f"{column}__contains": word}) for column in columns))
    return rows.filter(fits).order_by("pk").values_list("pk", flat=True)


def _subject(reference: str, user: User) -> Q:
    kind, _colon, key = reference.partition(":")
    return Q(subject_type=kind, subject_id=key)


CONDITIONS: dict[str, Callable[[Any, User], Q]] = {
    "since": _since,
    "until": _until,
    "agency": lambda code, user: Q(agency_code=code),
    "action": _action,
    "person": _person,
    "object": _object,
    "subject": _subject,
}


# --- What the page shows of a choice ----------------------------------------------------------------
@dataclass(frozen=True)
class Options:
    """The lists to choose from, and whether anything is chosen."""

    agencies: list[Agency]
    actions: list[tuple[str, str, list[tuple[str, str]]]]
    is_narrowed: bool


def options(form: TrailForm, user: User) -> Options:
    agencies = list(visible_agencies(user).order_by("protocol_order", "name_sort_key"))
    return Options(agencies, _actions(), bool(in_use(form)))


def _actions() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return (kind, its label, its verbs with their labels) in the order of the kinds."""
    named: dict[str, list[tuple[str, str]]] = {kind: [] for kind in verbs.Kind.values}
    for name, verb in {**verbs.RECORDS, **verbs.known()}.items():
        named[verb.kind].append((name, capfirst(str(verb.label))))
    return [(kind.value, str(kind.label), named[kind]) for kind in verbs.Kind]


def in_use(form: TrailForm) -> dict[str, str]:
    """Return the choices as they stand in the address, without the place in the list."""
    return {name: value for name in CONDITIONS if (value := form.data.get(name, "").strip())}


def told(form: TrailForm) -> list[tuple[str, str]]:
    """Return the choices as (label, value) in words."""
    words = dict(in_use(form))
    if action := words.get("action"):
        is_kind = action in verbs.Kind.values
        words["action"] = (
            str(verbs.Kind(action).label) if is_kind else capfirst(str(verbs.find(action).label))
        )
    return [(str(form.fields[name].label), value) for name, value in words.items()]
