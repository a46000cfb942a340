"""Tokens and roots of others, and an amendment of what was signed: one journey each."""

import datetime as dt
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.agreements.token_tools import DAY, Issuer, Token, signed_elsewhere
from tests.browser.demo import PIN, YEAR
from tests.browser.steps import arrive, go, press, shown_code, sign_document

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Abroad:
    """Somebody else's authority; each of its certificates is made once."""

    issuer: Issuer
    root: bytes
    issuing: bytes


@pytest.fixture(scope="module")
def abroad() -> Abroad:
    issuer = Issuer("CA trình diễn khác", at=NOW - 900 * DAY)
    return Abroad(issuer, issuer.root, issuer.issuing)


def fingerprint(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()


def kept(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


# --- The administrator's page of outside roots -----------------------------------------------------------
def believe(visitor, abroad: Abroad, folder: Path) -> Page:
    """Two persons: the administrator proposes a root, the officer compares it; then its lists are brought."""
    admin = visitor("quantri")
    go(admin, "/agreements/roots/new/")
    admin.locator("[name=file]").set_input_files(kept(folder, "root.crt", abroad.root))
    admin.locator("[name=kind][value=public]").check()
    admin.locator("[name=owner]").fill("Tổ chức chứng thực trình diễn khác")
    admin.locator("[name=fingerprint]").fill(fingerprint(abroad.root))
    press(
        admin,
        admin.locator("form:has([name=fingerprint]) [type=submit]"),
        until=admin.get_by_text("Đã đề nghị", exact=False),
    )
    page = admin.url
    expect(admin.get_by_text(fingerprint(abroad.root)[-8:])).to_have_count(0)

    officer = visitor("bchqs.troly")
    officer.goto(page)
    officer.locator("[name=compared]").fill(fingerprint(abroad.root)[-8:])
    press(
        officer,
        officer.locator("form:has([name=compared]) [type=submit]"),
        until=officer.get_by_role("heading", name="Danh sách thu hồi", exact=False),
    )
    for place, content in enumerate(abroad.issuer.trust(at=NOW).crls):
        admin.goto(page)
        form = admin.locator("form:has([name=issuer])")
        form.locator("[name=file]").set_input_files(kept(folder, f"{place}.crl", content))
        if place:
            form.locator("[name=issuer]").set_input_files(kept(folder, "ca.crt", abroad.issuing))
        press(admin, form.locator("[type=submit]"), until=admin.locator(f"tbody tr >> nth={place}"))
    return admin


def test_outside_root_is_believed_by_two_persons(visitor, faults, abroad, tmp_path):
    faults.expect("status of 403")  # the step-ups
    admin = believe(visitor, abroad, tmp_path)
    admin.goto("/agreements/roots/")
    row = admin.get_by_role("row").filter(has_text="Tổ chức chứng thực trình diễn khác")
    expect(row).to_contain_text("được tin cậy", ignore_case=True)
    expect(row).to_contain_text("công cộng", ignore_case=True)


# --- A holder of a token ---------------------------------------------------------------------------------
def test_holder_of_a_token_asks_is_released_and_sends_a_signed_file(
    visitor, faults, abroad, demo_server, tmp_path
):
    """After the test above: her certificate leads to the root that it brought."""
    faults.expect("status of 403")  # the step-ups
    head = visitor("stc.head")
    name = demo_server.python(
        "from portal.users.models import User", "print(User.objects.get(username='stc.head').full_name)"
    )
    token: Token = abroad.issuer.token(name, start=NOW - 30 * DAY, end=NOW + 300 * DAY)

    go(head, "/agreements/token/register/", PIN)
    head.locator("[name=file]").set_input_files(kept(tmp_path, "ky.cer", token.certificate))
    head.locator("[name=kind][value=public]").check()
    press(
        head,
        head.locator("form:has([name=kind]) [type=submit]"),
        until=head.get_by_text("chờ đối chiếu", exact=False).or_(head.get_by_text("chờ cấp", exact=False)),
        answer=PIN,
    )

    officer = visitor("bchqs.troly")
    officer.goto("/")
    officer.locator("a[href*='/agreements/tokens/']").click()
    officer.locator("[name=compared]").fill(fingerprint(token.certificate)[-8:])
    press(
        officer,
        officer.locator("form:has([name=compared]) [type=submit]"),
        until=officer.get_by_role("heading", name="Đề nghị cấp chứng thư", exact=True),
    )

    head.goto("/")
    head.get_by_role("link", name="Mở văn bản để ký").first.click()
    head.get_by_role("link", name="Ký bằng USB token").click()
    with head.expect_download() as waiting:
        head.locator("a[href$='/file/']").first.click()
    waiting.value.save_as(tmp_path / "goc.pdf")
    field = head.locator("code").first.inner_text()
    at = dt.datetime.now(dt.UTC).replace(microsecond=0)
    with ThreadPoolExecutor() as program:  # pyHanko wants an event loop of its own
        head_bytes = (tmp_path / "goc.pdf").read_bytes()
        signed = program.submit(signed_elsewhere, head_bytes, field, token, at=at).result()
    head.locator("[name=sent]").set_input_files(kept(tmp_path, "da-ky.pdf", signed))
    head.get_by_role("button", name="Gửi tệp đã ký").click()
    arrive(head, "/signed/")
    expect(head.get_by_text("CA trình diễn khác").first).to_be_visible()


# --- An amendment ------------------------------------------------------------------------------------------
def test_amendment_goes_from_draft_to_number(visitor, demo_server):
    """The open round is closed and issued first; then the duty is changed that touches the fewest."""
    code = demo_server.python(
        "from tasks.models import Assignment",
        "from django.db.models import Count",
        f"rows = Assignment.objects.filter(programme__year={YEAR}).annotate(n=Count('coordinations'))",
        "print(rows.order_by('n', 'code')[0].code)",
    )
    officer, clerk = visitor("bchqs.troly"), visitor("bchqs.vanthu")
    officer.goto("/agreements/")
    officer.get_by_role("link", name=re.compile(str(YEAR))).first.click()
    programme = officer.url
    officer.get_by_role("button", name="Đóng đợt ký").click()
    issue(clerk, programme)

    officer.goto(programme)
    officer.get_by_role("link", name="Sửa đổi nội dung đã ký").click()
    officer.locator("[name=reason]").fill("Điều chỉnh chỉ tiêu theo chỉ đạo của Quân khu.")
    day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=14)
    officer.locator("[name=closes_on]").fill(f"{day:%Y-%m-%d}")
    officer.locator("form:has([name=reason]) [type=submit]").click()
    officer.locator(f"a[href$='/duties/{code}/']").click()
    officer.locator("[name=target]").fill("77")
    officer.locator("form:has([name=target]) [type=submit]").click()
    expect(officer.locator("ins", has_text="77")).to_be_visible()
    officer.locator("form[action$='/freeze/'] [type=submit]").click()
    paper = officer.url
    officer.locator("form[action$='/open/'] [type=submit]").click()

    signers = demo_server.python(
        "from portal.users.models import Membership",
        "from agreements.models import SignatureField",
        f"agencies = SignatureField.objects.filter(document={paper.rstrip('/').rpartition('/')[2]})",
        "heads = Membership.objects.filter(role__in=['agency_head', 'commander'])",
        "posts = heads.filter(agency__in=agencies.values('agency'))",
        "print(' '.join(posts.values_list('user__username', flat=True)))",
    )
    for username in signers.split():
        signer = visitor(username)
        signer.goto(f"{paper}sign/")
        sign_document(signer, code=shown_code(signer))
    officer.goto(paper)
    officer.locator("form[action$='/close/'] [type=submit]").click()
    issue(clerk, paper)
    expect(clerk.get_by_text("02/PL-BCHQS-MTTQ").first).to_be_visible()
    officer.goto(programme)
    expect(officer.get_by_text("02/PL-BCHQS-MTTQ")).to_be_visible()


def issue(clerk: Page, address: str) -> None:
    clerk.goto(address)
    clerk.locator("form[action$='/issue/'] [type=submit]").click()
    expect(clerk.locator("form[action$='/issue/']")).to_have_count(0)
