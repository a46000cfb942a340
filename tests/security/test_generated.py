"""Whatever is sent to whatever address: no fault, no trace of what was refused, and no long wait.

The requests are drawn by hypothesis: the same ones each time at SCALE=ci, new ones at SCALE=full.
"""

import time
from collections import Counter
from collections.abc import Callable
from urllib.parse import urlsplit

import lxml.html
import pytest
from django.core.cache import cache
from django.http.cookie import SimpleCookie
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portal.audit.models import Event
from tests import fingerprints, scale
from tests.addresses import ADDRESSES, share
from tests.factories import ProgressFactory
from tests.fingerprints import own_models
from tests.security import generated
from tests.security.generated import Sent

pytestmark = pytest.mark.soak

ROLES = ("anonymous", "focal_point", "head", "officer", "commander", "clerk", "viewer", "stranger", "admin")
PATIENCE = 20  # seconds for one request on a loaded machine
REFUSED = 400
EXAMPLES = settings(
    max_examples=scale.of(ci=40, full=1_000),
    derandomize=not scale.is_full(),
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
# Throttles count, sessions come and go, a wrong PIN is counted: refusals may write these.
MAY_CHANGE = {"django_session", "users_authenticator", "mfa_authenticator", "agreements_credential"}


@pytest.fixture
def known(document, assignment, cast) -> tuple[object, ...]:
    """Numbers and names of our own rows, also of those that the sender may not see."""
    ProgressFactory(assignment=assignment, by=cast.focal_point)
    numbers = {
        pk
        for model in own_models()
        for pk in model._base_manager.order_by("pk").values_list("pk", flat=True)[:3]
        if len(str(pk)) < 20
    }
    return (
        *sorted(numbers, key=str),
        2026,
        "SXD",
        "BCHQS",
        document.frozen_id,
        "assigned",
        "draft",
        "2026-03-31",
    )


class Sender:
    """Sends requests as one person and judges every answer."""

    def __init__(self, sign_in: Callable[[], Client]) -> None:
        self.sign_in = sign_in
        self.statuses: Counter[int] = Counter()
        self.slowest = 0.0

    def send(self, sent: Sent) -> None:
        cache.clear()  # throttles would answer 429 to most of what comes later
        client = self.sign_in()
        cookies = client.cookies.output(header="", sep=";")
        client.cookies = SimpleCookie(cookies)
        header = "; ".join(f"{name}={value}" for name, value in sent.cookies.items())
        if header:
            mine = "; ".join(f"{m.key}={m.value}" for m in client.cookies.values())
            client.cookies = SimpleCookie()
            extra = {"HTTP_COOKIE": f"{mine}; {header}" if mine else header}
        else:
            extra = {}
        extra |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in sent.headers.items()}
        before = fingerprints.tables(left_out=MAY_CHANGE)
        began = time.monotonic()
        answer = client.generic(
            sent.method, sent.path, sent.body, sent.content_type, QUERY_STRING=sent.query, **extra
        )
        if answer.streaming:
            b"".join(answer.streaming_content)
        seconds = time.monotonic() - began
        self.slowest = max(self.slowest, seconds)
        self.statuses[answer.status_code] += 1
        assert answer.status_code < 500, answer.status_code
        assert seconds < PATIENCE
        if answer.status_code >= REFUSED or sent.method in {"GET", "HEAD", "OPTIONS", "TRACE"}:
            after = fingerprints.tables(left_out=MAY_CHANGE)
            changed = [table for table in after if after[table] != before[table]]
            assert not changed, (answer.status_code, changed, list(Event.objects.values_list("verb")[:3]))
        assert "\n" not in str(answer.headers.get("Location", ""))


@pytest.fixture
def sender(request, login, document) -> Callable[[str], Sender]:
    def of(role: str) -> Sender:
        if role == "anonymous":
            return Sender(Client)
        user = request.getfixturevalue(role)
        return Sender(lambda: login(user))

    return of


def field_names() -> list[str]:
    """Return names of fields that some form, filter or table of ours reads."""
    columns = {f.name for model in own_models() for f in model._meta.fields}
    others = (
        "page sort q next sha256 signed login password code pin again key read number issued_on reason text"
    )
    more = (
        "status lead standing period e o p _popup _to_field action index term app_label model_name field_name"
    )
    return sorted({*columns, *others.split(), *more.split(), "status__exact", "user__password__startswith"})


@pytest.mark.parametrize("role", ROLES)
def test_no_request_finds_a_fault(role, known, sender, evidence, cast):
    person = sender(role)

    @EXAMPLES
    @given(generated.requests(ADDRESSES, field_names(), known))
    def send(sent: Sent) -> None:
        person.send(sent)

    send()
    evidence(
        f"generated-requests-{role}",
        requests=sum(person.statuses.values()),
        statuses={str(code): count for code, count in sorted(person.statuses.items())},
        slowest_seconds=round(person.slowest, 2),
        faults=0,
    )


# --- The forms of the pages, changed a little -------------------------------------------------------------
def forms_of(client: Client, paths: list[str]) -> list[dict[str, object]]:
    """Return every form of these pages as a browser would send it untouched."""
    found = {}
    for path in paths:
        answer = client.get(path)
        if answer.status_code != 200 or "html" not in answer.headers["Content-Type"]:
            continue
        for form in lxml.html.fromstring(answer.content.decode()).forms:
            action = urlsplit(form.action or path).path or path
            fields = [(name, value) for name, value in form.form_values() if name != "csrfmiddlewaretoken"]
            names = tuple(sorted({name for name, _value in fields}))
            found[action, form.method.lower(), names] = {
                "path": action,
                "method": form.method.lower(),
                "multipart": form.get("enctype") == "multipart/form-data",
                "fields": fields,
            }
    return [form for form in found.values() if "logout" not in str(form["path"])]


def pages(role: str, document, assignment) -> list[str]:
    """Return the addresses that show a page, places filled with rows that are there.

    The administration's are left out for whom it refuses: a refusal has no form.
    """
    there = {"year": 2026, "code": "SXD", "pk": document.pk, "page": 1}
    paths = {address.path(lambda name: there.get(name, 1)) for address in ADDRESSES}
    changes = {
        f"/admin/{m._meta.app_label}/{m._meta.model_name}/{m._base_manager.order_by('pk').first().pk}/change/"
        for m in own_models()
        if m._base_manager.exists()
    }
    every = paths | changes | {f"/assignments/{assignment.pk}/"}
    sought = sorted(path for path in every if role == "admin" or not path.startswith("/admin/"))
    return sought if role == "anonymous" else share(sought, role, ROLES, parts=3)  # few show a visitor a form


@pytest.mark.parametrize("role", ROLES)
def test_no_form_finds_a_fault(role, known, sender, evidence, cast, document, assignment):
    person = sender(role)
    forms = forms_of(person.sign_in(), pages(role, document, assignment))
    assert forms

    @EXAMPLES
    @given(st.sampled_from(forms).flatmap(lambda form: generated.mutated(form, known)))
    def send(sent: Sent) -> None:
        person.send(sent)

    send()
    evidence(
        f"generated-forms-{role}",
        forms=len(forms),
        requests=sum(person.statuses.values()),
        statuses={str(code): count for code, count in sorted(person.statuses.items())},
        slowest_seconds=round(person.slowest, 2),
        faults=0,
    )
