"""The reader's notices, how they want their mail and, in the demonstration, the mails that were sent."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.lib.dates import local_day
from portal.lib.templatetags.portal_ui import vn_date
from portal.notices import access, calendar_links, gateways, kinds, mailbox, outbox, phones
from portal.notices import preferences as choices
from portal.notices.forms import PreferenceForm
from portal.notices.models import Notice
from portal.notices.tabs import tabs, under_tabs
from portal.users.requests import SignedInRequest

PAGE_SIZE = 25


@require_safe
def notice_list(request: SignedInRequest) -> HttpResponse:
    notices = access.visible_notices(request.user)
    only_unread = request.GET.get("unread") == "1"
    if only_unread:
        notices = notices.unread()
    page = Paginator(notices, PAGE_SIZE).get_page(request.GET.get("page"))
    may_take_on = kinds.to_take_on(page, local_day(timezone.now()))
    lines = [(notice, notice.pk in may_take_on) for notice in page]
    return render(
        request,
        "notices/list.html",
        {"page": page, "lines": lines, "only_unread": only_unread, "tabs": tabs(request.user)},
    )


@require_POST
def open_notice(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark a notice read and go to what it speaks of."""
    notices = access.visible_notices(request.user).filter(pk=pk)
    notice = get_object_or_404(notices)
    outbox.mark_read(notices, at=timezone.now())
    return redirect(_path(notice) or "notices:list")


def _path(notice: Notice) -> str:
    """Return where it leads; nowhere when what it speaks of is gone, or no longer its reader's."""
    kind = kinds.find(notice.kind)
    try:
        return kind.path(notice.subject_id) if kind else ""
    except ObjectDoesNotExist:
        return ""


@require_POST
def read_all(request: SignedInRequest) -> HttpResponse:
    count = outbox.mark_read(access.visible_notices(request.user), at=timezone.now())
    text = ngettext("%(count)d notice marked as read.", "%(count)d notices marked as read.", count)
    messages.success(request, text % {"count": count})
    return redirect("notices:list")


@require_POST
def take_on(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say in one click that the thing is in hand."""
    notice = get_object_or_404(access.visible_notices(request.user), pk=pk)
    outbox.take_on(notice, by=request.user, at=timezone.now())
    last = kinds.last_reminder_on(notice)
    text = _("Noted. You will be reminded once more before the deadline, on %(day)s.")
    messages.success(request, text % {"day": vn_date(last)})
    return redirect("notices:list")


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: SignedInRequest) -> HttpResponse:
    chosen = choices.of(request.user)
    form = PreferenceForm(request.POST or None, preference=chosen)
    if request.method == "POST" and form.is_valid():
        choices.change(
            request.user,
            at=timezone.now(),
            hour=form.cleaned_data["hour"],
            language=form.cleaned_data["language"],
            unwanted=form.unwanted,
        )
        messages.success(request, _("Your choice is kept."))
        return redirect("notices:preferences")
    link = calendar_links.of(request.user)
    context = {"form": form, "link": link, **under_tabs(request.user, "preferences")}
    context |= {"chosen": chosen, "has_gateway": gateways.is_there(), "now": timezone.now()}
    return render(request, "notices/preferences.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def make_calendar_link(request: SignedInRequest) -> HttpResponse:
    """Make the link and show it, this once; who comes back to the page, or changes its language, hears so."""
    if request.method != "POST":
        text = _("The link was shown once. If it was not copied, make a new one: the old one ends then.")
        messages.info(request, text)
        return redirect("notices:preferences")
    token = calendar_links.make(request.user, at=timezone.now())
    address = f"{settings.PUBLIC_URL}/calendar/{token}.ics"
    addresses = {"address": address, "subscription": "webcal:" + address.partition(":")[2]}
    context = {**addresses, **under_tabs(request.user, "preferences")}
    answer = render(request, "notices/calendar_link.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
def withdraw_calendar_link(request: SignedInRequest) -> HttpResponse:
    calendar_links.withdraw(request.user, at=timezone.now())
    messages.success(request, _("The calendar link is taken back."))
    return redirect("notices:preferences")


@require_POST
def ask_phone(request: SignedInRequest) -> HttpResponse:
    """Have a code sent to one's telephone."""
    phones.ask(request.user, request.POST.get("phone", ""), at=timezone.now())
    messages.success(request, _("A code is on its way to your telephone. Type it here."))
    return redirect(reverse("notices:preferences") + "#phone")


@require_POST
def confirm_phone(request: SignedInRequest) -> HttpResponse:
    if phones.confirm(request.user, request.POST.get("code", ""), at=timezone.now()):
        messages.success(request, _("What cannot wait now comes to your telephone, too."))
    else:
        messages.error(request, _("That is not the code. Look at the newest message."))
    return redirect(reverse("notices:preferences") + "#phone")


@require_POST
def withdraw_phone(request: SignedInRequest) -> HttpResponse:
    phones.withdraw(request.user, at=timezone.now())
    messages.success(request, _("Nothing more goes to the telephone."))
    return redirect("notices:preferences")


@require_safe
def mail_list(request: SignedInRequest) -> HttpResponse:
    _demonstration_only()
    letters = mailbox.letters(lambda addresses: access.may_read_mail(request.user, addresses))
    context = {"letters": letters, "newest": mailbox.NEWEST, "tabs": tabs(request.user)}
    return render(request, "notices/mail_list.html", context)


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
