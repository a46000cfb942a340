"""Replay every address for every person with every value, and judge each answer.

1. Sign in as each person, follow links from the home, note every address and every form's hidden fields.
2. Add what the resolver knows, with the values of tests/isolation/table.py.
3. Send each (person, method, address) exactly once. What the person may send is rolled back; what they may
   not send is left to do its harm, and every row of the portal is compared.

It asks nothing of the portal's own rules of access.
"""

import io
import re
import zipfile
import zlib
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import lxml.html
import pypdfium2
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, URLPattern, get_resolver, resolve, reverse
from django.urls.exceptions import NoReverseMatch

from portal.users import totp
from portal.users.models import SECOND_FACTOR_ROLES, User
from tests import fingerprints
from tests.factories import PASSWORD
from tests.isolation.people import BARE, HALFWAY, MISSING, NOBODY, POSTS, VISITOR, World
from tests.isolation.rows import FULL, Row, Values
from tests.isolation.table import ADMINISTRATION, FACTOR_PAGES, PUBLIC, TABLE
from tests.isolation.world import bytes_of
from tests.test_url_policy import walk

WITHOUT = (NOBODY, VISITOR, HALFWAY, BARE)
"""People who are not in, or in without what it takes."""
NOWHERE = f"/assignments/{MISSING}/"
LOGIN = "/login/"
SET_UP = "/account/second-factor/set-up/"
CHANGING = re.compile(rb'value="[A-Za-z0-9]{64}"|name="next" value="[^"]*"| aria-current="[a-z]+"')
"""What differs from one answer to the next: a token, where to come back to, the part of the menu."""
HOW_IT_LOOKS = {"o", "sort", "_changelist_filters"}
FORM = {
    "reason": "Lý do đủ dài để được nhận",
    "text": "Nội dung của người thử",
    "actual": "1",
    "percent": "1",
    "version": "0",
    "number": "7",
    "issued_on": "2026-03-10",
    "due_on": "2026-03-20",
    "language": "vi",
}
"""Something for every field, so that a request is refused for who sends it and not for what it lacks."""


@dataclass(frozen=True)
class Address:
    """A place of the portal: its name, what stands for its parameters, and what was asked of it."""

    name: str
    path: str
    values: tuple[tuple[str, Any], ...] = ()

    @property
    def row(self) -> Row:
        return ADMINISTRATION if is_admin(self.name) else TABLE[self.name]


@dataclass
class Findings:
    """What a crawl counted and what it found wrong, one line each."""

    requests: int = 0
    people: int = 0
    addresses: int = 0
    leaks: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"isolation: {self.requests} requests, {self.people} people × {self.addresses} addresses, "
            f"{len(self.leaks)} leaks"
        )


def is_admin(name: str) -> bool:
    return name.startswith(("admin:", "admin/")) and name != "admin/login/"


class UnknownAddress(AssertionError):
    """The portal has an address of which the crawler knows nothing."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f'tests/isolation/table.py: add a row for the new address, TABLE["{name}"] = '
            "Row(sees=who sees it, values=every value of its parameters with foreign and missing ones, "
            "reads=who may GET, sends=who may POST)."
        )


class Crawler:
    """One crawl. `people` and `only` narrow it to some people and some addresses, by name.

    `share`: each person tries one address in so many, each of them others.
    """

    def __init__(
        self, world: World, *, people: Collection[str] = (), only: Collection[str] = (), share: int = 1
    ) -> None:
        self.world = world
        self.share = share
        self.only = only
        self.found = Findings()
        self.done: set[tuple[str, str, str]] = set()
        self.hidden: dict[str, str] = {}
        self.clients = {name: _sign_in(world, name) for name in people or (*POSTS, *WITHOUT)}
        self.missing: dict[tuple[str, str], bytes] = {}

    def crawl(self) -> Findings:
        known = list(self._of_resolver())
        for who in self.clients:
            if not self.only:
                known += self._follow(who)
        addresses = {(_about if FULL else _kind)(address.path): address for address in known}
        for who in self.clients:
            before = fingerprints.tables()
            for address in addresses.values():
                self._replay(who, address)
            self._search(who)
            after = fingerprints.tables()
            for table in sorted(name for name in after if after[name] != before[name]):
                self._leak(who, "POST", "*", f"{table} changed by what this person may not send")
        self.found.people, self.found.addresses = len(self.clients), len(addresses)
        return self.found

    # --- Where to go -------------------------------------------------------------------------------
    def _of_resolver(self) -> Iterator[Address]:
        for name, _path, pattern in walk(get_resolver()):
            if is_admin(name):
                if not self.only:
                    yield from self._of_admin(name, pattern)
                continue
            if name not in TABLE:
                raise UnknownAddress(name)
            if self.only and name not in self.only:
                continue
            for values in TABLE[name].values(self.world):
                path = f"/{name}" if "/" in name else reverse(name, kwargs=dict(values))
                yield Address(name, path, tuple(values.items()))

    def _of_admin(self, name: str, pattern: URLPattern) -> Iterator[Address]:
        wanted = pattern.pattern.converters or pattern.pattern.regex.groupindex
        given = {"object_id": _any_key(name), "pk": _any_key(name), "app_label": "users", "url": "x"}
        try:
            path = reverse(name, kwargs={key: given.get(key, 1) for key in wanted})
        except NoReverseMatch:
            return
        yield Address(name, path)

    def _follow(self, who: str) -> Iterator[Address]:
        """Walk the links from the home on; of addresses that differ only in their query see a few."""
        waiting, met = deque(["/"]), set()
        while waiting:
            url = waiting.popleft()
            kind = _kind(url)
            try:
                match = resolve(kind[0])
            except Resolver404:
                continue
            name = match.view_name
            if kind in met or "logout" in name or not (is_admin(name) or name in TABLE):
                continue
            if is_admin(name) and (name, len(kind[1])) in met and not FULL:
                continue
            met |= {kind, (name, len(kind[1]))}
            names = dict(TABLE[name].values(self.world)[0]) if name in TABLE else {}
            values = {key: value for key, value in match.kwargs.items() if key in names}
            address = Address(name, url, tuple(values.items()))
            yield address
            page = self._send(who, "GET", address)
            if page is not None and page.status_code == 200 and "html" in page.headers["Content-Type"]:
                waiting.extend(self._links(page.content, url))

    def _links(self, page: bytes, url: str) -> Iterator[str]:
        tree = lxml.html.fromstring(page)
        for hidden in tree.xpath("//form//input[@type='hidden'][@name][@value]"):
            name, value = hidden.get("name"), hidden.get("value")
            if "csrf" not in name and name not in FORM:
                self.hidden[name] = value
        for link in tree.xpath("//a[@href]"):
            parts = urlsplit(urljoin(url, link.get("href")))
            if not parts.netloc and parts.scheme in {"", "http"}:
                yield f"{parts.path}?{parts.query}" if parts.query else parts.path

    # --- What to send ------------------------------------------------------------------------------
    def _replay(self, who: str, address: Address) -> None:
        if zlib.crc32(f"{who} {address.path}".encode()) % self.share:
            return
        if is_admin(address.name) and who != "admin" and not FULL and "changelist" not in address.name:
            return
        for method in ("GET", "POST"):
            if self._is_worth_it(method, address):
                self._send(who, method, address)

    def _is_worth_it(self, method: str, address: Address) -> bool:
        """A method that nobody may use is asked of one value of each address, but with SCALE=full of all."""
        if method == "POST" and urlsplit(address.path).query:
            return False
        if FULL or address.row.by_library or address.name in PUBLIC or self._allowed(method, address):
            return True
        return dict(address.values) == dict(address.row.values(self.world)[0])

    def _search(self, who: str) -> None:
        """Looking for a foreign word finds what looking for no word at all finds."""
        if who in WITHOUT or self.only:
            return
        for canary in self.world.canaries[:: 1 if FULL else 20]:
            if who not in canary.readers:
                pages = [
                    self.clients[who].get(f"/assignments/?{urlencode({'q': word})}").content
                    for word in (canary.word, "khongcotunay")
                ]
                self.found.requests += 2
                texts = [_settled(page).replace(canary.word.encode(), b"khongcotunay") for page in pages]
                if texts[0] != texts[1]:
                    self._leak(who, "GET", "/assignments/?q=", f"a search tells of {canary.kind}")

    def _send(self, who: str, method: str, address: Address) -> Any:
        """Send one request, once, and judge the answer."""
        key = (who, method, address.path)
        if key in self.done:
            return None
        self.done.add(key)
        self.found.requests += 1
        client = self.clients[who]
        cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        may = method == "GET" or address.row.by_library or who in self._senders(address)
        with transaction.atomic():
            data = FORM | self.hidden if method == "POST" else None
            response = getattr(client, method.lower())(address.path, data, HTTP_REFERER="http://testserver/")
            transaction.set_rollback(may and method == "POST")
        client.cookies.clear()
        client.cookies.load(cookies)
        self._judge(who, method, address, response)
        return response

    def _senders(self, address: Address) -> set[str]:
        values = dict(address.values)
        seen = address.row.sees(self.world, values)
        public = set(WITHOUT) if address.name in PUBLIC else set()
        return (seen & address.row.sends(self.world, values)) | public

    # --- What to think of it -----------------------------------------------------------------------
    def _judge(self, who: str, method: str, address: Address, response: Any) -> None:
        body = bytes_of(response)
        wrong = self._wrong_status(who, method, address, response, body)
        if wrong:
            self._leak(who, method, address.path, wrong)
        text = words_of(response.headers.get("Content-Type", ""), body) + str(response.headers)
        own = address.path + urlencode({"": address.path})
        for canary in self.world.canaries:
            if who not in canary.readers and canary.word in text and canary.word not in own:
                self._leak(who, method, address.path, f"shows {canary.kind} {canary.word}")

    def _wrong_status(
        self, who: str, method: str, address: Address, response: Any, body: bytes
    ) -> str | None:
        status, row, values = response.status_code, address.row, dict(address.values)
        if status >= 500:
            return f"answers {status}"
        if address.name in PUBLIC:
            return None
        if who in WITHOUT:
            return self._wrong_to_outsider(who, address, response)
        if is_admin(address.name):
            leads_away = status == 302 and address.name == "admin:login"  # its sign-in is the portal's
            is_good = who == "admin" or status in {403, 404} or leads_away
            return None if is_good else f"the administration answers {status}"
        if row.by_library:
            return None
        if status == 405:
            return None if who not in self._allowed(method, address) else "answers 405 to who may"
        if who not in row.sees(self.world, values):
            if status != 404:
                return f"answers {status} where there is nothing to see"
            return None if self._is_missing(who, method, body) else "another 404 than for what is missing"
        if who not in self._allowed(method, address):
            return None if status == 403 else f"answers {status} to who sees it and may not"
        if row.steps_up and status == 403:
            return None
        return f"answers {status} to who may" if status in {403, 404} else None

    def _wrong_to_outsider(self, who: str, address: Address, response: Any) -> str | None:
        """Whoever is not in is led to the login, or to the second factor, and no further."""
        status, by_library = response.status_code, address.row.by_library
        led_to = response.url if status == 302 else ""
        if who == NOBODY:
            return None if by_library or status in {302, 403} else f"answers {status} without a post"
        if who == BARE:
            is_led = led_to == SET_UP or address.name in FACTOR_PAGES
            return None if is_led else f"answers {status} without a second factor"
        is_asked = led_to.startswith(LOGIN) or status == 403 or (by_library and who == VISITOR)
        return None if is_asked else f"answers {status} to who is not signed in"

    def _allowed(self, method: str, address: Address) -> set[str]:
        rule = address.row.reads if method == "GET" else address.row.sends
        return rule(self.world, dict(address.values))

    def _is_missing(self, who: str, method: str, body: bytes) -> bool:
        if (who, method) not in self.missing:
            path = NOWHERE if method == "GET" else f"{NOWHERE}accept/"
            self.missing[who, method] = _settled(getattr(self.clients[who], method.lower())(path).content)
        return _settled(body) == self.missing[who, method]

    def _leak(self, who: str, method: str, path: str, what: str) -> None:
        self.found.leaks.append(f"{who}: {method} {path} {what}")


def _kind(url: str) -> tuple[str, frozenset[str]]:
    """Return what two addresses have in common that differ in the values of their query alone."""
    return urlsplit(url).path, frozenset(key for key, _value in parse_qsl(urlsplit(url).query))


def _about(url: str) -> tuple[str, frozenset[tuple[str, str]]]:
    """Return what an address is about: all of it but how its rows are ordered and where one came from."""
    query = parse_qsl(urlsplit(url).query)
    return urlsplit(url).path, frozenset(pair for pair in query if pair[0] not in HOW_IT_LOOKS)


def _sign_in(world: World, name: str) -> Client:
    client = Client(raise_request_exception=False)
    if name == VISITOR:
        return client
    user = User.objects.get(pk=world.people["sxd_head" if name == HALFWAY else name].pk)
    if name == HALFWAY:
        if not totp.is_enrolled(user):
            totp.enrol(user)
        client.post(LOGIN, {"login": user.username, "password": PASSWORD})
        return client
    client.force_login(user)
    if name != BARE and user.role in SECOND_FACTOR_ROLES and not totp.is_enrolled(user):
        totp.enrol(user)
    client.get("/")  # the session notes the second factor, which is a row too
    return client


def _any_key(name: str) -> Any:
    """Return the key of some row of the model that an address of the administration is about."""
    for model in apps.get_models():
        if name.startswith(f"admin:{model._meta.app_label}_{model._meta.model_name}_"):
            return model._base_manager.values_list("pk", flat=True).first() or 1
    return 1


def _settled(body: bytes) -> bytes:
    """Return a page without what differs from one request to the next."""
    return b"".join(CHANGING.sub(b"", body).split())


def words_of(content_type: str, body: bytes) -> str:
    """Return what a person can read in an answer: a page, a table, a paper with what is attached to it."""
    if "pdf" in content_type:
        paper = pypdfium2.PdfDocument(body)
        pages = [page.get_textpage().get_text_bounded() for page in paper]
        attached = [bytes(paper.get_attachment(n).get_data()) for n in range(paper.count_attachments())]
        return "\n".join([*pages, *(data.decode(errors="replace") for data in attached)])
    if body[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return "\n".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
    return body.decode(errors="replace")


__all__ = ["Address", "Crawler", "Findings", "UnknownAddress", "Values", "words_of"]
