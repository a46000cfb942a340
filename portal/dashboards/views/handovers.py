"""Handing a post over: choose it, say to whom, see what waits, confirm; and undo until the day comes."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.dashboards import handovers
from portal.dashboards.forms import HandoverForm
from portal.dashboards.handovers import Post
from portal.lib.errors import RuleError
from portal.lib.text import fold, search_words
from portal.users import access, step_up
from portal.users.listing import people_to_choose
from portal.users.requests import SignedInRequest
from portal.users.views.people import slip


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """Show the posts that can be handed over, and the hand-overs whose day is still to come."""
    if not access.may_hand_over(request.user):
        raise PermissionDenied
    words, today = search_words(request.GET.get("q", "")), timezone.localdate()
    facts = {
        "posts": handovers.held_posts(request.user, fold(words), today=today),
        "coming": handovers.coming(request.user, today=today),
        "words": words,
    }
    return render(request, "dashboards/handovers.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@step_up.required("users", may=access.may_hand_over)
def new(request: SignedInRequest) -> HttpResponse:
    """Ask who takes the post; then show what waits for it; then, confirmed, hand it over."""
    if not request.GET:
        return redirect("handovers:list")
    post = _post(request)
    if request.method != "POST":
        initial = {"title": post.holder.title if post.holder else "", "starts_on": timezone.localdate()}
        return _ask(request, post, HandoverForm(initial=initial, people=people_to_choose(request.user)))
    form = HandoverForm(request.POST, people=people_to_choose(request.user))
    if not form.is_valid() or "back" in request.POST:
        return _ask(request, post, form)
    if "confirmed" not in request.POST:
        return _show(request, post, form)
    try:
        issued = handovers.hand_over(post, form.change(), by=request.user, at=timezone.now())
    except RuleError as refusal:
        form.add_error(None, str(refusal))
        return _ask(request, post, form)
    messages.success(request, _("The post is handed over."))
    return slip(request, issued) if issued else redirect("handovers:list")


def _post(request: SignedInRequest) -> Post:
    words = {name: search_words(request.GET.get(name, "")) for name in ("post", "agency", "role")}
    post = handovers.find_post(request.user, today=timezone.localdate(), **words)
    if post is None:
        raise Http404
    return post


def _ask(request: SignedInRequest, post: Post, form: HandoverForm) -> HttpResponse:
    status = 400 if form.is_bound and form.errors else 200
    return render(request, "dashboards/handover.html", {"post": post, "form": form}, status=status)


def _show(request: SignedInRequest, post: Post, form: HandoverForm) -> HttpResponse:
    change = form.change()
    waiting = handovers.waiting(post, change, by=request.user, at=timezone.now())
    facts = {"post": post, "form": form, "change": change, "waiting": waiting}
    return render(request, "dashboards/handover_confirm.html", facts)


@require_POST
@step_up.required("users", may=access.may_hand_over)
def undo(request: SignedInRequest, pk: int) -> HttpResponse:
    made = get_object_or_404(handovers.coming(request.user, today=timezone.localdate()), pk=pk)
    handovers.undo(made, by=request.user, at=timezone.now())
    messages.success(request, _("Undone: the predecessor keeps the post."))
    return redirect("handovers:list")
