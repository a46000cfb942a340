"""The calendar of a phone asks for a person's deadlines, with a secret link and no session."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from portal.dashboards import feeds
from portal.notices import calendar_links, preferences
from portal.users.middleware import let_in


@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    user = calendar_links.holder(token)
    if user is None:
        raise Http404
    let_in(user)
    now = timezone.now()
    with translation.override(preferences.of(user).language):
        content = feeds.calendar(user, at=now, today=timezone.localdate(now))
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="deadlines.ics"'
    answer["Cache-Control"] = "private, no-store"
    return answer
