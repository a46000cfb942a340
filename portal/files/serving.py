"""Send a stored file to somebody who may have it: the view has asked `access`, this does the rest.

As a download that no browser runs or keeps, under the name it was given, and only if every byte is
still what was stored. With settings.ACCEL_LOCATION the reverse proxy sends the bytes that were checked.
"""

import logging

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.http import content_disposition_header

from portal.files import store
from portal.files.models import StoredFile

log = logging.getLogger(__name__)
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def send(request: HttpRequest, file: StoredFile, *, name: str) -> HttpResponseBase:
    """Return the download; a page that says so when the file was recalled (410) or is damaged (503)."""
    if file.recalled:
        return render(request, "files/recalled.html", {"recall": file.recalled}, status=410)
    try:
        content = store.open_checked(file.sha256)
    except (store.FileDamaged, OSError) as error:
        return damaged(request, file.sha256, error)
    response: HttpResponseBase
    if settings.ACCEL_LOCATION:
        content.close()
        response = HttpResponse()
        response.headers["X-Accel-Redirect"] = f"{settings.ACCEL_LOCATION}/{store.relative_path(file.sha256)}"
    else:
        response = FileResponse(content)
    response.headers["Content-Type"] = file.media_type
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    for header, value in HEADERS.items():
        response.headers[header] = value
    return response


def made(content: bytes, *, name: str, media_type: str) -> HttpResponse:
    """Return bytes that were made just now as the same kind of download."""
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    for header, value in HEADERS.items():
        response.headers[header] = value
    return response


def damaged(request: HttpRequest, sha256: str, error: Exception) -> HttpResponse:
    """Return the page that says so, and tell the operator."""
    log.error("a stored file cannot be sent: %s", error)
    return render(request, "files/damaged.html", {"sha256": sha256}, status=503)
