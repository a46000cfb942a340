"""Rows of the who-may matrix: certificates on USB tokens, and signing otherwise than with the portal's."""

from tests.who_may_rows import HEADS, PARTIES, PEOPLE, ROLES, of, row

_EVERYBODY = frozenset(ROLES)
_SIGNS = of(" ".join(PARTIES), HEADS)
_RELEASES = of("agency other", {"programme_officer", "commander"})
_CONFIRMS_PAPER = of("host", {"programme_officer", "records_clerk", "commander"})
PAPER = "waiting confirmed refused"
TOKEN = "requested released refused withdrawn ended"

METHODS = (
    row(
        "agreements.uploads.accept",
        "Gửi tệp ký bằng USB token",
        _SIGNS,
        ("frozen", "signing", "closed"),
        "signing",
    ),
    row(
        "agreements.agents.open_ticket",
        "Mở phiếu cho chương trình ký",
        _SIGNS,
        ("frozen", "signing", "closed"),
        "signing",
    ),
    row(
        "agreements.paper_signatures.vouch",
        "Ghi nhận chữ ký trên giấy",
        of("host", {"programme_officer", "records_clerk"}),
        ("frozen", "signing", "closed"),
        "signing",
    ),
    row(
        "agreements.paper_signatures.confirm",
        "Xác nhận chữ ký trên giấy",
        _CONFIRMS_PAPER,
        PAPER,
        "waiting",
    ),
    row(
        "agreements.paper_signatures.refuse",
        "Không chấp nhận chữ ký trên giấy",
        _CONFIRMS_PAPER,
        PAPER,
        "waiting",
    ),
)

TOKENS = (
    row(
        "agreements.tokens.register",
        "Đăng ký USB token",
        of("self", HEADS),
        f"none {TOKEN}",
        "none refused withdrawn ended",
        relations=PEOPLE,
    ),
    row("agreements.tokens.release", "Chấp nhận USB token", _RELEASES, TOKEN, "requested", relations=PEOPLE),
    row("agreements.tokens.refuse", "Từ chối USB token", _RELEASES, TOKEN, "requested", relations=PEOPLE),
    row(
        "agreements.tokens.withdraw",
        "Rút đăng ký USB token",
        of("self", _EVERYBODY),
        TOKEN,
        "requested",
        relations=PEOPLE,
    ),
    row(
        "agreements.tokens.end",
        "Thôi dùng USB token",
        {**_RELEASES, "self": _EVERYBODY},
        TOKEN,
        "released",
        relations=PEOPLE,
    ),
)
