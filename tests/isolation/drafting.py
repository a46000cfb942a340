"""A sheet of the crawled province that waits to be added to the draft; cooperation that was rated."""

from portal.files import store
from tasks import assignment_imports
from tasks.models import (
    Assignment,
    Cooperation,
    Coordination,
    PaperEntry,
    ProductDocument,
    Programme,
    Progress,
    SourceDocument,
)
from tests.factories import NOW, TODAY
from tests.isolation.people import COMMAND, COORDINATED, DRAFT_YEAR, LED, YEAR, World
from tests.tasks.drafting import HEADINGS, row


def send(world: World) -> None:
    """What stands in it is for those who write the draft."""
    word = world.betray("bangnhiemvuduthao", "sheet", COMMAND)
    said = row(title=word, coordinating="", solutions="", start_on="", deadline_on="30/11/2027")
    table = [(1, HEADINGS), (2, [str(cell) for cell in said])]
    draft = Programme.objects.get(year=DRAFT_YEAR)
    sheet = assignment_imports.put(
        draft,
        by=world.people["officer"],
        at=NOW,
        table=table,
        file_name="Bảng nhiệm vụ.xlsx",
        file_sha256="0" * 64,
    )
    world.sheet = sheet.pk


def cooperate(world: World) -> None:
    """What each delivered, and how the lead found it, in words of their own; of other years there is none."""
    rows = Coordination.objects.select_related("assignment__programme", "agency")
    for share in rows.exclude(assignment__programme__year=YEAR):
        world.shares[f"{share.assignment.programme.year}/{share.assignment.code}"] = share.pk
    for code, agencies in COORDINATED.items():
        (agency,) = agencies
        share = rows.get(assignment__programme__year=YEAR, assignment__code=code, agency__code=agency)
        world.shares[code] = share.pk
        readers = world.members({agency, LED[code]}) | COMMAND
        lead = world.people[f"{LED[code].lower()}_head"]
        Cooperation.objects.create(
            share=share,
            state="delivered",
            text=world.betray(f"phoihop{agency.lower()}", "cooperation", readers),
            submitted_on=TODAY,
            rating=2,
            rating_note=world.betray(f"nhanxet{agency.lower()}", "cooperation", readers),
            rated_by=lead,
            rated_at=NOW,
        )


def cite(world: World) -> None:
    """The source of 1.01 is for every party; its product is for those who see its log."""
    row = Assignment.objects.get(pk=world.assignments["1.01"])
    SourceDocument.objects.create(
        assignment=row, number="15/KH-BCH", issued_on=TODAY, subject="Kế hoạch năm", clause="Mục II"
    )
    readers = world.members({LED["1.01"], *COORDINATED["1.01"]}) | COMMAND
    product = ProductDocument.objects.create(
        assignment=row,
        number="27/BC-SXD",
        issued_on=TODAY,
        subject=f"Báo cáo {world.betray('sanphamvanban', 'product', readers)}",
        named_by=world.people["sxd_focal"],
        named_at=NOW,
    )
    world.product = product.pk


def enter(world: World) -> None:
    """A paper of the lead of 1.02: who reads the log reads of it there, its scan is the lead's."""
    row = Assignment.objects.get(pk=world.assignments["1.02"])
    words = world.betray("noidungbanquet", "scan", world.members({LED["1.02"]}) | COMMAND)
    entry = PaperEntry.objects.create(
        agency=world.agencies[LED["1.02"]],
        number=world.betray(
            "sobangiay", "paper", world.members({LED["1.02"], *COORDINATED["1.02"]}) | COMMAND
        ),
        issued_on=TODAY,
        subject="Kết quả thực hiện nhiệm vụ",
        signer_name="Người ký",
        signer_title="Giám đốc",
        received_on=TODAY,
        file=store.put(f"Bản quét {words}".encode(), media_type="text/plain", at=NOW),
        name="ban-quet.txt",
        entered_by=world.people["clerk"],
        entered_at=NOW,
        declaration="2026-1",
    )
    Progress.objects.create(
        assignment=row,
        at=NOW,
        by=world.people["clerk"],
        status=row.status,
        actual=row.actual,
        progress_percent=row.progress_percent,
        paper=entry,
    )
    world.paper_entry = entry.pk
