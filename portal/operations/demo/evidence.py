"""Files of evidence for the demonstration: small made-up papers, each page of which says so.

Stored as the portal stores an upload, but not sent through the sandbox: that takes a fifth of a second
a file, and a test sends one of each kind through it.
"""

import datetime as dt
import io
from collections.abc import Iterator
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from portal.agencies.models import Agency
from portal.files import store
from portal.files.uploads import MEDIA_TYPES
from portal.files.worker.findings import Kind
from portal.operations.demo.people import Cast
from portal.papers.letters import FONT_DIR
from tasks.models import Assignment, Evidence, Programme
from tasks.models.evidence import DECLARATION
from tasks.states import AssignmentStatus

MARK = "TRÌNH DIỄN"
MOST = 12
"""Assignments of a programme that get files: enough that whoever tries out the portal meets some."""


class Sample(NamedTuple):
    title: str
    kind: Kind
    extension: str


SAMPLES = (
    Sample("Biên bản làm việc", Kind.PDF, "pdf"),
    Sample("Ảnh buổi giao nhận", Kind.PNG, "png"),
    Sample("Bảng tổng hợp số liệu", Kind.TEXT, "csv"),
)
OPINION = Sample("Văn bản phối hợp", Kind.PDF, "pdf")
FONT = FONT_DIR / "Tinos-Regular.ttf"


def write(programme: Programme, cast: Cast) -> None:
    """Add one to three files to assignments that were reported on, and one of a coordinator when done."""
    reported = (
        programme.assignments.exclude(result_text="")
        .exclude(changed_at=None)
        .select_related("lead")
        .order_by("code")
    )
    rows = []
    for place, assignment in enumerate(reported.prefetch_related("coordinations__agency")[:MOST]):
        rows += list(_of_lead(assignment, cast, count=1 + place % len(SAMPLES)))
        rows += list(_of_coordinator(assignment, cast))
    Evidence.objects.bulk_create(rows)


def _of_lead(assignment: Assignment, cast: Cast, *, count: int) -> Iterator[Evidence]:
    for sample in SAMPLES[:count]:
        yield _row(assignment, assignment.lead, cast, sample)


def _of_coordinator(assignment: Assignment, cast: Cast) -> Iterator[Evidence]:
    """The first coordinating agency adds its opinion to what is finished."""
    if assignment.status in {AssignmentStatus.SUBMITTED, AssignmentStatus.CONFIRMED}:
        for share in list(assignment.coordinations.all())[:1]:
            if share.agency.code in cast.focal_points:
                yield _row(assignment, share.agency, cast, OPINION)


def _row(assignment: Assignment, agency: Agency, cast: Cast, sample: Sample) -> Evidence:
    at = assignment.log.earliest("at").at + dt.timedelta(hours=1)
    content = make(sample.kind, f"{sample.title}: nhiệm vụ {assignment.code} ({agency.code})")
    person = cast.focal_points[agency.code]
    return Evidence(
        assignment=assignment,
        agency=agency,
        file=store.put(content, media_type=MEDIA_TYPES[sample.kind], at=at),
        name=f"{sample.title} {assignment.code}.{sample.extension}",
        title=sample.title,
        uploaded_by=person,
        uploaded_at=at,
        declaration=DECLARATION,
    )


def make(kind: Kind, words: str) -> bytes:
    """Return a small file of a kind that shows the words and the mark of the demonstration."""
    if kind is Kind.TEXT:
        return f"{MARK};{words}\nChỉ tiêu;Số lượng\nHội nghị;3\nLượt người;120\n".encode()
    page = Image.new("L", (620, 440), 255)
    pen = ImageDraw.Draw(page)
    pen.rectangle((20, 20, 600, 420), outline=0)
    pen.text((60, 60), MARK, font=ImageFont.truetype(FONT, 40), fill=0)
    pen.text((60, 140), words, font=ImageFont.truetype(FONT, 20), fill=0)
    file = io.BytesIO()
    page.save(file, "PDF" if kind is Kind.PDF else "PNG")
    return file.getvalue()
