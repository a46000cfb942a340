"""Papers that assignments cite, for the demonstration: made up, like everything in it."""

import datetime as dt

from portal.lib.dates import LOCAL
from portal.operations.demo.people import Cast
from tasks.models import Evidence, ProductDocument, Programme, SourceDocument, YearPaper

EVERY = 4
"""One assignment in so many was given out by a paper of its own."""


SYMBOLS = {"UBND tỉnh": "UBND", "Tỉnh ủy": "TU", "Bộ CHQS tỉnh": "BCHQS"}
PAPERS = (
    ("CT", 1, "UBND tỉnh", "Về thực hiện nhiệm vụ quân sự, quốc phòng địa phương năm {year}", (1,), ()),
    ("NQ", 12, "Tỉnh ủy", "Về lãnh đạo nhiệm vụ quân sự, quốc phòng năm {year}", (1,), (1,)),
    ("KH", 21, "Bộ CHQS tỉnh", "Triển khai chương trình phối hợp năm {year}", (1, 2), (2,)),
    ("KH", 34, "Bộ CHQS tỉnh", "Giáo dục, bồi dưỡng kiến thức quốc phòng và an ninh năm {year}", (2,), ()),
    ("HD", 56, "Bộ CHQS tỉnh", "Hướng dẫn công tác dân quân tự vệ năm {year}", (4,), (3,)),
    ("CV", 108, "UBND tỉnh", "Về việc bảo đảm kinh phí thực hiện chương trình năm {year}", (), (4,)),
    ("TB", 140, "UBND tỉnh", "Kết luận hội nghị phối hợp năm {year}", (3,), ()),
)
"""Of each year: kind, number, issuing body, subject, numbers of the tasks and solutions it is about."""


def write(programme: Programme, cast: Cast) -> None:
    """Fill the register, give assignments a source of their own, and leads' first files their documents."""
    year, host = programme.year, programme.host.code
    _register(programme, cast)
    rows = list(programme.assignments.order_by("code"))[::EVERY]
    SourceDocument.objects.bulk_create(
        SourceDocument(
            assignment=row,
            number=f"{place}/KH-{host}",
            issued_on=dt.date(year, 1, 8),
            subject=f"Kế hoạch phối hợp công tác quốc phòng năm {year}",
            clause=f"Mục II, điểm {place}",
        )
        for place, row in enumerate(rows, 1)
    )
    files = Evidence.objects.filter(assignment__programme=programme, name__endswith=".pdf")
    ProductDocument.objects.bulk_create(
        ProductDocument(
            assignment=file.assignment,
            number=f"{100 + place}/BC-{file.agency.code}",
            issued_on=file.uploaded_at.date(),
            subject=f"Báo cáo kết quả nhiệm vụ {file.assignment.code}",
            evidence=file,
            named_by=file.uploaded_by,
            named_at=file.uploaded_at,
        )
        for place, file in enumerate(files.select_related("assignment", "agency", "uploaded_by"))
        if file.agency_id == file.assignment.lead_id
    )


def _symbol(kind: str, issuer: str) -> str:
    """Return the symbol by Decree 30/2020: an official letter's does not name its kind."""
    return f"{SYMBOLS[issuer]}-NC" if kind == "CV" else f"{kind}-{SYMBOLS[issuer]}"


def _register(programme: Programme, cast: Cast) -> None:
    """Enter the papers of the year; the plan of the command is about what the leads do by it."""
    year = programme.year
    for place, (kind, number, issuer, subject, tasks, solutions) in enumerate(PAPERS):
        issued_on = dt.date(year, 1, 5 + place)
        row = YearPaper.objects.create(
            programme=programme,
            kind=kind,
            number=f"{number:02}/{_symbol(kind, issuer)}",
            issued_on=issued_on,
            subject=subject.format(year=year),
            issuer=issuer,
            entered_by=cast.clerk if place % 2 else cast.officer,
            entered_at=dt.datetime.combine(issued_on, dt.time(9), LOCAL),
        )
        row.tasks.set(programme.priority_tasks.filter(number__in=tasks))
        row.solutions.set(programme.solutions.filter(number__in=solutions))
        row.assignments.set(programme.assignments.filter(code__in=[f"{n}.01" for n in tasks]))
