"""The page that asks anew who is there, and what comes after the answer."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from portal.lib.errors import RuleError
from portal.users import carried, step_up
from portal.users.forms import StepUpForm
from portal.users.models import StepUp
from portal.users.requests import SignedInRequest

LONGEST = StepUp._meta.get_field("path").max_length or 0  # no address of ours comes near


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: SignedInRequest) -> HttpResponse:
    """Ask for PIN or password and a fresh code; then lead on, or let the form that waited be sent."""
    given = request.POST if request.method == "POST" else request.GET
    purpose, path = given.get("for", ""), _own_path(request, given.get("next", ""))
    if purpose not in step_up.PURPOSES:
        return redirect("home")  # opened by hand: nothing waits for an answer
    if request.method != "POST":
        form = StepUpForm(initial={"for": purpose, "next": path})
        return step_up.ask(request, purpose, next_path=path, form=form)
    form = StepUpForm(request.POST)
    if not (form.is_valid() and _grant(request, form, purpose, path)):
        return step_up.ask(request, purpose, next_path=path, form=form)
    typed = carried.unpack(form.cleaned_data["typed"], user_id=request.user.pk)
    if typed is None:
        return redirect(path)
    return render(request, "users/step_up_done.html", {"typed": typed, "purpose": step_up.PURPOSES[purpose]})


def _own_path(request: SignedInRequest, path: str) -> str:
    """Return the address to go on to, if it is one of ours: a link from outside leads nowhere else."""
    is_ours = (
        path.startswith("/")
        and len(path.partition("?")[0]) <= LONGEST
        and url_has_allowed_host_and_scheme(path, {request.get_host()}, require_https=request.is_secure())
    )
    return path if is_ours else "/"


def _grant(request: SignedInRequest, form: StepUpForm, purpose: str, path: str) -> bool:
    """Open the purpose, or put the refusal beside its field."""
    try:
        step_up.grant(
            request,
            user=request.user,
            purpose=purpose,
            path=path.partition("?")[0],
            answer=form.cleaned_data["answer"],
            code=form.cleaned_data["code"],
            at=timezone.now(),
        )
    except step_up.CodeRefused as refusal:
        form.add_error("code", str(refusal))
    except RuleError as refusal:
        form.add_error("answer", str(refusal))
    else:
        return True
    return False
