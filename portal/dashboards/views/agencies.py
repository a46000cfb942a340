from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def detail(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return render(request, "base.html")


listing = detail
