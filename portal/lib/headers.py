"""What every answer tells the browser that it may do: pages, files, redirects, refusals, errors."""

from django.http import HttpRequest, HttpResponse

from portal.lib.web import GetResponse

DENIED_FEATURES = (
    "accelerometer", "autoplay", "bluetooth", "browsing-topics", "camera", "clipboard-read",
    "clipboard-write", "compute-pressure", "cross-origin-isolated", "display-capture",
    "encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid",
    "identity-credentials-get", "idle-detection", "keyboard-map", "local-fonts", "magnetometer",
    "microphone", "midi", "otp-credentials", "payment", "picture-in-picture", "screen-wake-lock",
    "serial", "storage-access", "sync-xhr", "usb", "web-share", "window-management",
    "xr-spatial-tracking",
)  # fmt: skip
"""Features of browsers that no page uses. A name that a browser does not know is an error in its console."""

OWN_FEATURES = ("publickey-credentials-create", "publickey-credentials-get")
"""Passkeys, for the portal's own pages."""

RULES = {
    "Permissions-Policy": ", ".join(
        [*(f"{name}=()" for name in DENIED_FEATURES), *(f"{name}=(self)" for name in OWN_FEATURES)]
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
}


class BrowserRulesMiddleware:
    """Set RULES on every answer; stands first in settings.MIDDLEWARE, so that none is missed.

    What else an answer carries comes from django-csp and Django's own middleware, which stand next.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in RULES.items():
            response.headers[name] = value
        return response
