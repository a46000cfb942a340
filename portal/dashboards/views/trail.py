"""The audit trail: read, and taken away as a file."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal.dashboards import access
from portal.dashboards.trail import choices, exports, pages
from portal.files import serving
from portal.papers import tables
from portal.users import step_up
from portal.users.requests import SignedInRequest


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """Show the events that the address asks for, newest first, and how the chain stands."""
    if not access.may_read_trail(request.user):
        raise PermissionDenied
    form = choices.TrailForm(request.GET)
    rows = choices.chosen(form, request.user)
    before, after = (form.cleaned_data.get(name) for name in ("before", "after"))
    facts = {
        "form": form,
        "options": choices.options(form, request.user),
        "page": pages.page(rows, request.user, before=before, after=after),
        "chain": pages.chain_state(request.user, at=timezone.now()),
    }
    return render(request, "dashboards/trail.html", facts, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@step_up.required("export", on={"POST"}, may=access.may_export_trail)
def export(request: SignedInRequest) -> HttpResponse:
    """GET says what would be taken away, POST gives the file and leaves an event."""
    if not access.may_export_trail(request.user):
        raise PermissionDenied
    form = choices.TrailForm(request.GET)
    rows = choices.chosen(form, request.user)
    count = rows[: exports.MOST_ROWS + 1].count()
    file_format = request.POST.get("format", "")
    is_refused = bool(form.errors) or not 0 < count <= exports.MOST_ROWS
    if request.method != "POST" or is_refused or file_format not in {"csv", "xlsx"}:
        facts = {"form": form, "count": count, "most": exports.MOST_ROWS, "is_refused": is_refused}
        facts["told"] = choices.told(form)
        return render(request, "dashboards/trail_export.html", facts, status=400 if form.errors else 200)
    at = timezone.now()
    newest = rows.values_list("seq", flat=True)[0]
    exports.note(request.user, at=at, chosen=choices.in_use(form), count=count, file_format=file_format)
    rows = rows.filter(seq__lte=newest)  # its own event is not among them
    is_text = file_format == "csv"
    content = exports.as_text(rows, request.user) if is_text else exports.as_workbook(rows, request.user)
    name = f"{_('audit-trail')}-{timezone.localtime(at):%Y%m%d-%H%M}.{file_format}"
    return serving.made(content, name=name, media_type=tables.CSV_TYPE if is_text else tables.XLSX_TYPE)
