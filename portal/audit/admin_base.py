"""What every page of the administrator shares: nothing is saved without an event in the same transaction.

Django's own log (LogEntry) is not written: it is neither chained nor protected, and two logs of one
thing disagree sooner or later. The history page reads the audit trail instead.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.paginator import Paginator
from django.db import DataError, IntegrityError, models
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.forms.models import _get_foreign_key
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit import events, pictures
from portal.audit.admin_fields import WIDGETS, ClearFields
from portal.audit.forms import VersionedForm
from portal.audit.models import Event
from portal.audit.pictures import Part, Picture
from portal.lib import walls
from portal.lib.actions import action, is_running
from portal.lib.errors import RuleError
from portal.lib.text import fold, search_words

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

HISTORY_PAGE = 50

_PLAIN_LOOKUPS = frozenset(
    {
        "exact",
        "id__exact",
        "pk__exact",
        "in",
        "isnull",
        "gte",
        "lte",
        "gt",
        "lt",
        "year",
        "month",
        "day",
        "isempty",
    }
)


class AuditedAdmin(ClearFields, ModelAdmin):
    """A record that administrators keep: each save is one event with the values before and after.

    `hidden_values`: fields whose change is told without the values (personal data, secrets).
    `scans`: the table is small and `search_fields` hold plain text, so that rows are folded here;
    otherwise `search_fields` name columns that hold folded or plain ASCII text.
    """

    hidden_values: ClassVar[Collection[str]] = ()
    scans = False
    actions: Any = None
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    view_on_site = False
    show_facets = admin.ShowFacets.NEVER  # each count is one more query
    formfield_overrides = WIDGETS
    change_form_template = "admin/record_form.html"
    object_history_template = "admin/record_history.html"

    # --- Saving ---------------------------------------------------------------------------------

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        _refuse_what_no_database_compares(request)
        return self._in_action(request, super().changeform_view, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        _refuse_what_no_database_compares(request)
        return self._in_action(request, super().changelist_view, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._in_action(request, super().delete_view, *args, **kwargs)

    def _in_action(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Run a view; what it POSTs is one action, bulk actions included.

        A unique value that someone else took between our check and our write is met by running
        again: this time the check sees it and says so beside the field.
        """
        if request.method != "POST":
            return view(request, *args, **kwargs)
        run = action(view)
        try:
            return run(request, *args, **kwargs)
        except IntegrityError:
            pass
        except (DataError, OverflowError) as error:  # a made-up key larger than any column
            raise SuspiciousOperation("a value fits no column") from error
        try:
            return run(request, *args, **kwargs)
        except IntegrityError as error:
            raise RuleError(
                _("Someone changed related records at the same moment. Nothing was saved; please try again.")
            ) from error

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        obj = super().get_object(request, object_id, from_field)
        return self.lock(obj) if obj is not None and is_running() else obj

    def lock(self, obj: Any) -> Any:
        """Return the object, read again under a row lock; what it must not outrun is locked before."""
        return self.model._base_manager.select_for_update().get(pk=obj.pk)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is None:
            return form
        before = self._picture(obj, form.base_fields)
        facts = {"before": before, "version": pictures.version(before), "tell": self.tell_clash}
        return type(form.__name__, (VersionedForm, form), facts)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["version"] = getattr(context["adminform"].form, "version", "")
        return super().render_change_form(request, context, *args, **kwargs)

    # --- Telling ----------------------------------------------------------------------------------

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """Return the payload; called after row and parts are saved, before the log_* methods."""
        before: Picture = getattr(form, "before", {})
        saved = self.model._base_manager.get(pk=form.instance.pk)
        after = self._picture(saved, form.base_fields)
        return pictures.difference(before, after, hide=self.hidden_values)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self.record(request, obj, "added", message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        if message["before"] or message["after"]:  # saving an untouched form changes nothing
            self.record(request, obj, "changed", message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            before = self._picture(obj, pictures.editable_names(self.model))
            self.record(request, obj, "deleted", pictures.difference(before, {}, hide=self.hidden_values))

    def record(self, request: HttpRequest, obj: Any, done: str, payload: dict[str, Any]) -> None:
        """Write `<model>.<done>` into the audit trail; only inside a POST of this page."""
        user: Any = request.user
        events.record(
            f"{self.opts.model_name}.{done}",
            obj,
            by=user,
            at=timezone.now(),
            agency_code=user.post.agency.code,
            payload=payload,
        )

    def tell_clash(self, form: VersionedForm) -> Iterator[str]:
        """Say who changed the record meanwhile, and what now stands where the form would write."""
        last = self._events(form.instance).first()
        if last:
            yield _("%(person)s changed this record at %(time)s, after you opened it.") % {
                "person": last.actor_label,
                "time": timezone.localtime(last.at).strftime("%H:%M:%S %d/%m/%Y"),
            }
        else:
            yield _("This record was changed after you opened it.")
        yield _("What you typed is kept below and nothing is saved yet. Save again to put it in place.")
        teller = pictures.Teller(self.model)
        for name in form.changed_data:
            if name in form.before:
                field = self.opts.get_field(name)
                yield _("%(field)s is now: %(value)s") % {
                    "field": field.verbose_name,
                    "value": teller.value(field, form.before[name]),
                }

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the record's events, newest first; values only of changes made on these pages."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        page = Paginator(self._events(obj), HISTORY_PAGE).get_page(request.GET.get("p"))
        teller = pictures.Teller(self.model, self.parts())
        context = {
            **self.admin_site.each_context(request),
            "title": _("History"),
            "subtitle": str(obj),
            "page": page,
            "entries": [(event, self._lines(teller, event)) for event in page],
            "object": obj,
            "opts": self.opts,
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.object_history_template, context)

    def _lines(self, teller: pictures.Teller, event: Event) -> list[pictures.Line]:
        """Tell what these pages wrote; the details of other actions may be words of a report."""
        ours = {f"{self.opts.model_name}.{done}" for done in ("added", "changed", "deleted")}
        return teller.lines(json.loads(event.payload)) if event.verb in ours else []

    def _events(self, obj: models.Model) -> models.QuerySet[Event]:
        return Event.objects.filter(subject_type=self.opts.label_lower, subject_id=str(obj.pk))

    def _picture(self, obj: models.Model, names: Collection[str]) -> Picture:
        return pictures.take(obj, set(names), self.parts())

    def parts(self) -> list[Part]:
        """Return the models that are edited on this record's page."""
        return [
            Part(inline.model, _get_foreign_key(self.model, inline.model, fk_name=inline.fk_name).name)
            for inline in self.inlines
        ]

    # --- Who may ----------------------------------------------------------------------------------

    def is_deletable(self, obj: Any) -> bool:
        """Return whether an administrator may delete the object; never, unless a model says so."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and super().has_delete_permission(request, obj) and self.is_deletable(obj)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete it with its parts, also those that the second wall hides from the administrator."""
        with walls.everything():
            super().delete_model(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Name the object and count its parts; rows that only link two records have no name to show.

        What the administrator does not see keeps a record too; it is not named.
        """
        _tree, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        with walls.everything():
            is_kept = bool(super().get_deleted_objects(objs, request)[3])
        if is_kept and not protected:
            protected = [_("Records that other people keep refer to it.")]
        parts = {part.model._meta.verbose_name_plural for part in self.parts()}
        kept = {noun: n for noun, n in counts.items() if noun in parts | {self.opts.verbose_name_plural}}
        return [str(obj) for obj in objs], kept, perms_needed, protected

    # --- Finding ----------------------------------------------------------------------------------

    def choice_label(self, obj: Any) -> str:
        """Return how the object is named in a list to choose from."""
        return str(obj)

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Allow the declared filters only: any other lookup could ask for values letter by letter."""
        for name in self._declared_lookups():
            rest = lookup.removeprefix(name)
            if rest != lookup and (not rest or rest.removeprefix("__") in _PLAIN_LOOKUPS):
                return True
        return False

    def _declared_lookups(self) -> Iterator[str]:
        if self.date_hierarchy:
            yield self.date_hierarchy
        for item in self.list_filter:
            if isinstance(item, str):
                yield item
            elif isinstance(item, tuple):
                yield str(item[0])
            else:
                yield item.parameter_name

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """Search without diacritics: both sides are folded."""
        words = fold(search_words(search_term))
        if not words or not self.scans:
            return super().get_search_results(request, queryset, words)
        rows = queryset.order_by().values_list("pk", *self.search_fields)
        found = [
            pk for pk, *texts in rows if all(w in fold(" ".join(map(str, texts))) for w in words.split())
        ]
        return queryset.filter(pk__in=found), False


def _refuse_what_no_database_compares(request: HttpRequest) -> None:
    """Refuse an address with a null character or a number of more than 18 digits (400).

    PostgreSQL cannot compare the one, neither engine the other, and either fault comes while the page
    is already being rendered.
    """
    for _name, values in request.GET.lists():
        if any("\x00" in value or re.search(r"\d{19}", value) for value in values):
            raise SuspiciousOperation("the address holds a value that no database compares")


class RecordAdmin(AuditedAdmin):
    """A record that actions write and administrators only read. Bytes and `not_shown` stay out."""

    not_shown: ClassVar[Collection[str]] = ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [
            field.name
            for field in self.opts.concrete_fields
            if not isinstance(field, models.BinaryField) and field.name not in self.not_shown
        ]

    def lock(self, obj: Any) -> Any:
        """Nothing is written here, and the second wall lets administrators lock nobody's rows."""
        return obj

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def is_referenced(obj: models.Model) -> bool:
    """Return whether any row of any table points to the object, seen by the reader or not."""
    relations = (f for f in obj._meta.get_fields(include_hidden=True) if isinstance(f, ForeignObjectRel))
    with walls.everything():
        return any(
            relation.related_model._base_manager.filter(**{relation.field.name: obj}).exists()
            for relation in relations
        )
