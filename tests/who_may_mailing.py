"""Rows of the who-may matrix about notices and the mails that carry them."""

from tests.who_may_rows import PEOPLE, ROLES, of, row

_ADMINISTRATOR = frozenset({"administrator"})

MAILING = (
    row(
        "portal.notices.outbox.take_on",
        "Báo đã nhận, đang làm",
        of("self", frozenset(ROLES)),
        "early last told",
        "early",
        relations=PEOPLE,
    ),
    row(
        "portal.notices.mails.send_again",
        "Gửi lại thư không gửi được",
        of("self agency other", _ADMINISTRATOR),
        "failed sent waiting",
        "failed",
        relations=PEOPLE,
    ),
    row(
        "portal.notices.mails.send_all_again",
        "Gửi lại mọi thư không gửi được",
        of("self agency other", _ADMINISTRATOR),
        "failed sent waiting",
        "failed",
        relations=PEOPLE,
    ),
)
