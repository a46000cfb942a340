"""A form that was sent after its session had ended: it waits, and stands filled after the next sign-in.

It waits in the new session on the server, bound to the person whose session ended; somebody else who
signs in there loses it unread. Nothing is sent: its writer looks it over and presses the button.
"""

from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from portal.lib.filling import fill
from portal.lib.web import back
from portal.users import carried
from portal.users.carried import Typed

_KEY = "waiting_form"


def typed(request: HttpRequest) -> Typed | None:
    """Return what somebody whose session is ending just sent; call it before the session is emptied."""
    if request.method != "POST" or auth.SESSION_KEY not in request.session:
        return None
    form = carried.typed(request, user_id=int(request.session[auth.SESSION_KEY]))
    return form if form and form.fields else None


def keep(request: HttpRequest, form: Typed) -> None:
    """Let the form wait in this session, for the page that it was typed on."""
    page = back(request, default=request.get_full_path())
    request.session[_KEY] = {"page": page, "form": carried.pack(form)}


def page_of(request: HttpRequest) -> str | None:
    """Return the page where a form waits to be filled, None when none does."""
    waits = request.session.get(_KEY)
    return waits["page"] if waits else None


def announce(request: HttpRequest) -> None:
    """Say on the page that is being opened that its form will stand filled."""
    if _form_for(request):
        messages.info(
            request,
            _("Your session had ended. What you typed stands in the form again and is not sent yet."),
        )


def fill_in(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Write what waits into the form of the page that was just made."""
    is_page = response.status_code == 200 and response.get("Content-Type", "").startswith("text/html")
    form = _form_for(request) if is_page and not response.streaming else None
    if form is None:
        return response
    page, left = fill(response.content.decode(), _is_at(request, form.to), form.fields)
    if left:
        words = render_to_string("users/_not_placed.html", {"words": left}, request=request)
        page = page.replace("</main>", f"{words}</main>", 1)
    response.content = page.encode()
    del request.session[_KEY]
    request.session.save()  # the session's own middleware has not come yet, but may see no change
    return response


def _form_for(request: HttpRequest) -> Typed | None:
    """Return the form that waits for this page and this reader."""
    if request.method != "GET" or not request.session.session_key:
        return None
    waits = request.session.get(_KEY)
    if waits is None or auth.SESSION_KEY not in request.session:
        return None
    form = carried.unpack(waits["form"], user_id=int(request.session[auth.SESSION_KEY]))
    if form is None:
        del request.session[_KEY]  # another person's, or too old
        return None
    return form if waits["page"] == request.get_full_path() else None


def _is_at(request: HttpRequest, to: str) -> Callable[[str], bool]:
    """Return whether a form of this page is sent to the address that the waiting one was for."""

    def matches(action: str) -> bool:
        parts = urlsplit(urljoin(request.build_absolute_uri(), action))
        return parts.netloc == request.get_host() and parts.path == urlsplit(to).path

    return matches
