"""The administrator's pages as a browser uses them: open, change some fields, send."""

from typing import Any

import lxml.html
from django.test import Client
from django.urls import reverse

from portal.agencies.models import Agency
from portal.audit.models import Event
from tasks.models import Programme


def address(model: Any, page: str, *args: Any) -> str:
    """Return the address of a page ("changelist", "add", "change", …) of a model."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def fields(html: str, form_id: str) -> dict[str, list[str]]:
    """Return what the browser would send for a form that nobody touched."""
    values: dict[str, list[str]] = {}
    for name, value in lxml.html.fromstring(html).get_element_by_id(form_id).form_values():
        values.setdefault(name, []).append(value)
    return values


def send(client: Client, url: str, **changes: Any) -> Any:
    """Open the page, change fields, save. Returns the answer, not followed."""
    page = client.get(url)
    assert page.status_code == 200, page
    form_id = f"{page.context['opts'].model_name}_form"
    return client.post(url, fields(page.content.decode(), form_id) | changes | {"_save": "1"})


def errors(response: Any) -> dict[str, list[str]]:
    """Return the errors of a page that was shown again, by field; inline rows as "prefix-0-field"."""
    assert response.status_code == 200, f"saved: {response.status_code}"
    found = dict(response.context["adminform"].form.errors)
    for formset in response.context["inline_admin_formsets"]:
        for form in formset.formset.forms:
            found |= {form.add_prefix(name): list(texts) for name, texts in form.errors.items()}
        if formset.formset.non_form_errors():
            found[formset.formset.prefix] = list(formset.formset.non_form_errors())
    return {name: list(texts) for name, texts in found.items()}


def new_rows(prefix: str, *rows: dict[str, Any], first: int = 0) -> dict[str, Any]:
    """Return the fields that a browser's “add another” makes, numbered from `first` on."""
    sent = {
        f"{prefix}-{first + n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()
    }
    return sent | {f"{prefix}-TOTAL_FORMS": first + len(rows)}


def last_event() -> Event:
    return Event.objects.order_by("-seq")[0]


def programme_page(by: Agency, **changes: Any) -> dict[str, Any]:
    """Return what is typed for a programme of 2027, without its parts."""
    return {
        "year": 2027,
        "title_vi": "Chương trình phối hợp năm 2027",
        "scope": "annual",
        "host": by.pk,
        "place": "Thanh Hóa",
        "symbol": "CTr-BCHQS-MTTQ",
        "page_profile": "nd30",
        "signing_closes_on": "2027-01-31",
    } | changes


def assignment_page(programme: Programme, by: Agency, **changes: Any) -> dict[str, Any]:
    """Return what is typed for an assignment led by an agency."""
    return {
        "programme": programme.pk,
        "code": "1.01",
        "task": programme.priority_tasks.first().pk,
        "title_vi": "Tuyển chọn và gọi công dân nhập ngũ",
        "lead": by.pk,
        "cycle": "once",
        "deadline_on": "2027-02-28",
        "indicator_vi": "Số công dân nhập ngũ",
        "unit_vi": "người",
        "target": "3505",
    } | changes
