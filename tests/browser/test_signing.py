"""A head signs; everybody can check it, and nothing that happens later changes the paper."""

import re
import subprocess
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.demo import YEAR
from tests.browser.steps import Hand, arrive, fill_signing_form, main_text, send, sign_button, signed_count


def download(page: Page, folder: Path) -> Path:
    """Save the newest file of the agreement that the page speaks of."""
    with page.expect_download() as waiting:
        page.locator("a[href$='/file/']").first.click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def tool(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)


def test_head_signs_and_everybody_can_check_it(visitor, demo_server, tmp_path):
    officer = visitor("bchqs.troly")
    officer.goto("/agreements/")
    officer.get_by_role("link", name=re.compile(str(YEAR))).first.click()
    before = signed_count(officer)

    head, hand = visitor("snv.gd"), Hand()
    head.goto("/")
    expect(head.get_by_role("heading", level=1)).to_have_text("Chờ duyệt, chờ ký")
    hand.click(head.get_by_role("link", name="Mở văn bản để ký"))
    expect(head.locator("img[src*='/pages/1/']")).to_be_visible()
    fill_signing_form(head)
    hand.click(sign_button(head))
    arrive(head, "/signed/")
    expect(head.get_by_text("Lò Minh Trạch").first).to_be_visible()

    file = download(head, tmp_path)
    demo_server.manage("verify_document", str(file))  # fails unless it exits 0
    said = tool("pdfsig", "-nocert", file)
    valid = said.stdout.count("Signature Validation: Signature is Valid.")
    assert valid == said.stdout.count("Signature Validation:") == before + 2, said  # and the certification
    assert tool("qpdf", "--check", file).returncode == 0

    officer.reload()
    assert signed_count(officer) == before + 1
    head.goto("/")
    expect(head.get_by_role("link", name="Mở văn bản để ký")).to_have_count(0)

    head.goto("/verify/")
    head.locator("input[type=file]").set_input_files(file)
    head.locator("form:has(input[type=file]) [type=submit]").click()
    expect(head.get_by_text("Lò Minh Trạch").first).to_be_visible()


def test_focal_point_reads_but_may_not_sign(visitor, faults):
    page = visitor("stc.daumoi")
    page.goto("/agreements/")
    page.get_by_role("link", name=re.compile(str(YEAR))).first.click()
    page.wait_for_url("**/agreements/*/")
    expect(page.get_by_role("link", name="Mở văn bản để ký")).to_have_count(0)
    faults.expect("status of 403")
    room = re.sub(r"/$", "/sign/", page.url)
    answer = page.goto(room)
    assert answer.status == 403
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    fields = {"pin": "2468-1357", "code": "123456", "read": "on"}
    assert send(page, room, **fields).status == 403


def test_what_is_not_hers_looks_like_what_does_not_exist(visitor, faults, demo_server):
    others = demo_server.python(
        "from portal.notices.models import Notice",
        "print(Notice.objects.filter(recipient__username='snv.gd').first().pk)",
    )
    page = visitor("stc.daumoi")
    faults.expect("status of 404")
    page.goto("/nowhere/")
    nowhere = main_text(page)
    assert nowhere
    for path in ("/agreements/999/", "/agreements/999/sign/", "/assignments/999/", "/agencies/NONE/"):
        assert page.goto(path).status == 404, path
        assert main_text(page) == nowhere, path
    page.goto("/")
    bodies = []
    for pk in (others, "999999"):
        answer = send(page, f"/notices/{pk}/open/")
        assert answer.status == 404, pk
        bodies.append(re.sub(r'value="\w{64}"|\d\d:\d\d', "", answer.text()))
    assert bodies[0] == bodies[1]


def test_corrected_name_leaves_the_signed_paper_alone(visitor, demo_server, tmp_path):
    admin = visitor("quantri")
    admin.goto("/admin/agencies/agency/?q=SKHCN")
    admin.get_by_role("link", name="SKHCN", exact=True).click()
    old = admin.locator("[name=name_vi]").input_value()
    new = f"{old} và Đổi mới sáng tạo"
    admin.locator("[name=name_vi]").fill(new)
    admin.locator("[name=_save]").click()
    expect(admin.locator(".messagelist .success, .messages .alert-success").first).to_be_visible()

    officer = visitor("bchqs.troly")
    officer.goto("/agencies/SKHCN/")
    expect(officer.get_by_role("heading", level=1)).to_have_text(new)
    officer.goto("/agreements/")
    officer.get_by_role("link", name=re.compile(f"^Chương trình.*{YEAR - 1}")).first.click()
    parties = officer.get_by_role("table").first
    expect(parties.get_by_role("cell", name=old, exact=True)).to_be_visible()
    expect(parties.get_by_text(new)).to_have_count(0)

    file = download(officer, tmp_path)
    words = " ".join(tool("pdftotext", file, "-").stdout.split())
    assert old in words
    assert new not in words
    demo_server.manage("verify_document", str(file))
    demo_server.manage("verify_programme", str(YEAR - 1))
    demo_server.manage("verify_programme", str(YEAR))
    demo_server.manage("write_checkpoint")
    demo_server.manage("verify_audit")
