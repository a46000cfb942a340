"""The way out to telephones: a gateway of the province, for SMS or a Zalo OA. docs/phone-gateway.md.

It is given a number, a sentence that names the portal, a code and a link: never what the matter is.
"""

import hashlib
import hmac
import http.client
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings

TIMEOUT = 10  # seconds
TRY_LATER = frozenset({408, 425, 429})
"""Answers of the gateway after which the same message is tried again; 5xx, too."""


class GatewayAwayError(Exception):
    """It did not answer, or asks to be tried later: no fault of the message."""


class GatewayRefusedError(Exception):
    """It will not send this message, now or later."""


@dataclass(frozen=True)
class Text:
    """One message. `key` stays the same through every attempt, so that the gateway sends it once."""

    key: str
    number: str
    words: str
    code: str
    link: str


class Gateway(Protocol):
    """What another gateway has to offer: one call, which raises what is above, or the message was taken."""

    def send(self, text: Text) -> None: ...


@dataclass(frozen=True)
class HttpGateway:
    """POSTs JSON to one address, signed with a secret that both sides know."""

    url: str
    secret: str

    def send(self, text: Text) -> None:
        body = json.dumps(vars(text), ensure_ascii=False, sort_keys=True).encode()
        headers = {"Content-Type": "application/json", "X-Signature": signature(body, self.secret)}
        request = urllib.request.Request(self.url, body, headers, method="POST")  # noqa: S310 - is_there()
        try:
            with _OPENER.open(request, timeout=TIMEOUT):
                return
        except urllib.error.HTTPError as error:
            if error.code >= 500 or error.code in TRY_LATER:
                raise GatewayAwayError(f"HTTP {error.code}") from error
            raise GatewayRefusedError(f"HTTP {error.code}") from error
        except (OSError, http.client.HTTPException) as error:  # refused, timed out, no HTTP at all
            raise GatewayAwayError(type(error).__name__) from error


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A gateway that moved is an error: the number would go to whom nobody named."""

    def redirect_request(self, *args: object) -> None:
        return None


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)


def signature(body: bytes, secret: str) -> str:
    """Return `sha256=` and the HMAC of the body, in hex."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def current() -> Gateway | None:
    """Return the gateway of the settings; None where there is none, and nobody is offered one."""
    return HttpGateway(settings.PHONE_GATEWAY_URL, settings.PHONE_GATEWAY_SECRET) if is_there() else None


def is_there() -> bool:
    """Whether there is a gateway; none in a rehearsal, of which nobody is to hear."""
    return not settings.MAIL_ALL_TO and urlsplit(settings.PHONE_GATEWAY_URL).scheme in {"http", "https"}
