"""The reader's notices and, in the demonstration, the mails that were sent."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from portal.notices import access, kinds, mailbox, outbox
from portal.users.requests import SignedInRequest

PAGE_SIZE = 25


@require_safe
def notice_list(request: SignedInRequest) -> HttpResponse:
    notices = access.visible_notices(request.user)
    only_unread = request.GET.get("unread") == "1"
    if only_unread:
        notices = notices.unread()
    page = Paginator(notices, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "notices/list.html", {"page": page, "only_unread": only_unread})


@require_POST
def open_notice(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark a notice read and go to what it speaks of."""
    notices = access.visible_notices(request.user).filter(pk=pk)
    notice = get_object_or_404(notices)
    outbox.mark_read(notices, at=timezone.now())
    kind = kinds.find(notice.kind)
    return redirect(kind.path(notice.subject_id) if kind else "notices:list")


@require_POST
def read_all(request: SignedInRequest) -> HttpResponse:
    count = outbox.mark_read(access.visible_notices(request.user), at=timezone.now())
    text = ngettext("%(count)d notice marked as read.", "%(count)d notices marked as read.", count)
    messages.success(request, text % {"count": count})
    return redirect("notices:list")


@require_safe
def mail_list(request: SignedInRequest) -> HttpResponse:
    _demonstration_only()
    letters = mailbox.letters(lambda addresses: access.may_read_mail(request.user, addresses))
    return render(request, "notices/mail_list.html", {"letters": letters, "newest": mailbox.NEWEST})


@require_safe
def mail(request: SignedInRequest, key: str) -> HttpResponse:
    _demonstration_only()
    letter = mailbox.find(key)
    if letter is None or not access.may_read_mail(request.user, list(letter.to)):
        raise Http404
    return render(request, "notices/mail.html", {"letter": letter})


def _demonstration_only() -> None:
    if not settings.DEMO:
        raise Http404
