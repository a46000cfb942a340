"""Requests as nobody would write them: strategies for addresses, forms, bodies and headers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, quote_from_bytes

from hypothesis import strategies as st

from tests.addresses import Address

METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "BREW")
URLENCODED = "application/x-www-form-urlencoded"
BOUNDARY = "generated"

NUMBERS = (
    0,
    -1,
    1,
    2**31 - 1,
    2**31,
    2**63 - 1,
    2**63,
    10**30,
    "1e9",
    "0x10",
    "00",
    "+1",
    "1.0",
    "NaN",
    "٣",
    "１",
)
WORDS = (
    "",
    " ",
    "\0",
    "a\0b",
    "'",
    '"',
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "{% debug %}",
    "%s%n",
    "%00",
    "..",
    "../../etc/passwd",
    "//elsewhere.example/",
    "https://elsewhere.example/",
    "javascript:alert(1)",
    "a\r\nSet-Cookie: x=1",
    "Đồng chí",
    "e\u0301",
    "\u202e",
    "\ufeff",
    "\U0001f600",
    "\u0000\u0001\u001f",
    "a" * 5000,
    "true",
    "on",
    "None",
    "null",
    "[]",
    "{}",
    "2026-02-30",
    "31/02/2026",
    "9999-12-31",
    "0001-01-01",
    "-1-1-1",
    "2026-03-10T25:61",
    "0" * 64,
    "f" * 64,
    "00000000-0000-0000-0000-000000000000",
)
NOT_TEXT = (b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\xaf", b"\x80", b"%PDF-1.7\n%%EOF", b"PK\x03\x04")
PLACES = (
    "..",
    ".",
    "%2e%2e",
    "%00",
    "a/b",
    "a b",
    "Đ",
    "0" * 300,
    "-1",
    "0",
    "2147483648",
    "9223372036854775808",
    "1" * 40,
)


def values(known: tuple[object, ...] = ()) -> st.SearchStrategy[bytes]:
    """Return values of a field: of our own rows, of wrong kind or size, or no text at all."""
    text = st.sampled_from([*NUMBERS, *WORDS, *known]) | st.text(max_size=30)
    return st.sampled_from(NOT_TEXT) | text.map(lambda v: str(v).encode("utf-8", "surrogatepass"))


@dataclass(frozen=True)
class Sent:
    """One request, ready for Client.generic()."""

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    content_type: str = URLENCODED
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)


def pairs(names: list[str], known: tuple[object, ...]) -> st.SearchStrategy[list[tuple[str, bytes]]]:
    """Return fields in any number and order; a name may come twice, or be none that we know."""
    name = st.sampled_from([*names, "no_such_field", "id", "next", "agency", "is_superuser"])
    return st.lists(st.tuples(name, values(known)), max_size=6)


def encoded(fields: list[tuple[str, bytes]]) -> str:
    return "&".join(f"{quote(name)}={quote_from_bytes(value)}" for name, value in fields)


def multipart(fields: list[tuple[str, bytes]], *, as_files: bool) -> bytes:
    parts = []
    for name, value in fields:
        file = '; filename="a.pdf"\r\nContent-Type: application/pdf' if as_files else ""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        parts.append(head.encode() + value + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


@st.composite
def bodies(draw: st.DrawFn, fields: list[tuple[str, bytes]]) -> tuple[bytes, str]:
    """Return a body and its content type: mostly a proper form, now and then one that is broken."""
    form = encoded(fields).encode()
    whole = multipart(fields, as_files=draw(st.booleans()))
    typed = f"multipart/form-data; boundary={BOUNDARY}"
    choices = [
        (form, URLENCODED),
        (form, URLENCODED),
        (whole, typed),
        (whole[: len(whole) // 2], typed),
        (whole, "multipart/form-data"),
        (whole, f"multipart/form-data; boundary={'b' * 300}"),
        (form, "multipart/form-data; boundary=\u00e9"),
        (b'{"a": [1, {"b": null}]}', "application/json"),
        (b'{"a": ', "application/json; charset=utf-16"),
        (form, f"{URLENCODED}; charset=no-such-charset"),
        (b"\0" * 100, ""),
    ]
    return draw(st.sampled_from(choices))


HEADERS = {
    "Referer": ["http://testserver/", "https://elsewhere.example/", "//", "http://[", "\xff"],
    "Origin": ["http://testserver", "null", "https://elsewhere.example", "http://[::1", ""],
    "Host": ["localhost", "localhost:99999", "elsewhere.example", "a_b", "[::1", "", "x" * 300],
    "X-Forwarded-For": ["1.2.3.4", "'", "::1, , ,", "x" * 500],
    "X-Forwarded-Proto": ["https", "http, https", ""],
    "X-Forwarded-Host": ["elsewhere.example"],
    "Accept": ["application/json", "*/*;q=x", ""],
    "Accept-Language": ["en", "x" * 600, "*-*", "vi;q=a"],
    "If-Modified-Since": ["yesterday", "Thu, 01 Jan 1970 00:00:00 GMT"],
    "If-None-Match": ['W/"'],
    "Range": ["bytes=0-", "bytes=5-1", "lines=1", "bytes=" + "0-1," * 200],
    "X-Requested-With": ["XMLHttpRequest"],
    "Content-Encoding": ["gzip"],
    "Authorization": ["Bearer x", "Basic \xff", "Basic Og=="],
}
COOKIES = {
    "csrf": ["", "x" * 64, "\xff"],
    "language": ["vi", "en", "../en", "x" * 500],
    "messages": ["x", "[]", '[["__json_message",0,99,"x"]]'],
    "session": ["x" * 32, "\xff", ""],
}


def some(lines: Mapping[str, list[str]], *, most: int) -> st.SearchStrategy[dict[str, str]]:
    """Return none to `most` of the lines, each with one of its values."""
    line = st.sampled_from(sorted(lines)).flatmap(lambda n: st.tuples(st.just(n), st.sampled_from(lines[n])))
    return st.lists(line, max_size=most).map(dict)


@st.composite
def requests(draw: st.DrawFn, addresses: list[Address], names: list[str], known: tuple[object, ...]) -> Sent:
    """Return any request to any address; every part of it is right now and then."""
    by_kind = {
        is_admin: [a for a in addresses if a.route.startswith("admin/") == is_admin] for is_admin in (0, 1)
    }
    address = draw(st.sampled_from(by_kind[draw(st.sampled_from([0, 0, 0, 1]))]))
    numbers = [value for value in known if isinstance(value, int) and value < 1000]
    there = {"year": [2026], "code": ["SXD", "BCHQS", "CTK"], "page": [1, 2], "pk": numbers}

    def fill(name: str) -> str:
        is_there = draw(st.integers(0, 3)) > 0
        return str(draw(st.sampled_from(there.get(name, numbers) if is_there else PLACES)))

    path = address.path(fill)
    query = encoded(draw(pairs(names, known)))
    body, content_type = draw(bodies(draw(pairs(names, known))))
    is_odd = draw(st.integers(0, 3)) == 0
    headers, cookies = (draw(some(HEADERS, most=3)), draw(some(COOKIES, most=2))) if is_odd else ({}, {})
    method = draw(st.sampled_from([*METHODS, "GET", "POST", "POST"]))
    if method in {"GET", "HEAD"}:
        body = b""
    return Sent(method, path, query, body, content_type, headers, cookies)


@st.composite
def mutated(draw: st.DrawFn, form: Mapping[str, object], known: tuple[object, ...]) -> Sent:
    """Return a form of a page as a browser sends it, with some of its fields changed, lost or doubled."""
    fields = [(name, str(value).encode()) for name, value in form["fields"]]
    names = sorted({name for name, _value in fields}) or ["a"]
    for name in draw(st.lists(st.sampled_from(names), max_size=3)):
        how = draw(st.sampled_from(["change", "change", "change", "lose", "double"]))
        if how == "double":
            fields.append((name, draw(values(known))))
        else:
            fields = [pair for pair in fields if pair[0] != name]
            fields += [(name, draw(values(known)))] if how == "change" else []
    body = encoded(fields).encode()
    if form["multipart"]:
        as_files = draw(st.booleans())
        body = multipart(fields, as_files=as_files)
        return Sent("POST", form["path"], "", body, f"multipart/form-data; boundary={BOUNDARY}")
    if form["method"] == "get":
        return Sent("GET", form["path"], body.decode())
    return Sent("POST", form["path"], "", body)
