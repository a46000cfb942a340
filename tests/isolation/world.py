"""A small province for the crawler: every agency's private words are words that occur nowhere else.

What everybody may read is told here from the visibility table (docs/access.md), as plain sets of names.
Nothing is asked of the portal's own rules: a rule that is wrong there must not be wrong here too.
"""

import datetime as dt
import io
import uuid
from decimal import Decimal
from typing import Any

from django.core import mail

from agreements import certificates, documents, keys
from agreements.models import CertificateRequest, Document, Revision, SigningRequest
from portal.files import store
from portal.notices import calendar_links, delivery
from portal.notices.models import Mail, MailPreference, Notice
from portal.users.models import Role, User
from tasks import (
    assignments,
)
from tasks.models import (
    Assignment,
    Clause,
    Programme,
    Signatory,
)
from tests import factories
from tests.factories import NOW, TODAY, person
from tests.isolation import (
    conferring,
    consulting,
    drafting,
    grouping,
    paper_rows,
    rating,
    reviewing,
    scheme_rows,
    working,
    year_rows,
)
from tests.isolation.people import (
    AGENCIES,
    BARE,
    COMMAND,
    CONSULTED_YEAR,
    COORDINATED,
    DRAFT_YEAR,
    FROZEN_YEAR,
    LED,
    NOBODY,
    PARTIES,
    POSTS,
    YEAR,
    World,
)


def build() -> World:
    agencies = {
        code: factories.AgencyFactory(code=code, name_vi=name, name_en=f"{name} (en)", protocol_order=order)
        for order, (code, name) in enumerate(AGENCIES.items(), 1)
    }
    people = {
        name: person(name.replace("_", "."), role, agencies[code], full_name=f"Người {name}")
        for name, (code, role) in POSTS.items()
    }
    people[NOBODY] = factories.UserFactory(username="nobody")
    people[BARE] = person("bare", Role.DEPUTY_HEAD, agencies["CTK"], full_name="Người bare")
    world = World(people, agencies, {}, {}, {})
    programme = _programme(world, YEAR)
    world.documents["open"] = _document(world, programme).pk
    Programme.objects.filter(pk=programme.pk).update(state="in_force", in_force_at=NOW - dt.timedelta(days=9))
    _carry_out(world, programme)
    _drafts(world)
    _evidence(world)
    working.measure(world)
    working.extend(world)
    working.report(world, programme)
    working.urge(world)
    _consult(world)
    conferring.confer(world, programme)
    grouping.gather(world)
    working.light(world)
    working.talk(world)
    rating.rate(world, programme)
    working.change(world)
    reviewing.review(world, programme)
    year_rows.turn(world)
    scheme_rows.enter(world)
    paper_rows.register(world)
    drafting.send(world)
    drafting.cooperate(world)
    drafting.cite(world)
    drafting.enter(world)
    _addresses(world)
    _keys(world)
    _authorise(world, programme)
    _seal(world)
    _tell(world)
    return world


def _programme(world: World, year: int, mark: str = "") -> Programme:
    host, front = world.agencies["BCHQS"], world.agencies["UBMTTQ"]
    programme = factories.ProgrammeFactory(
        year=year, host=host, co_host=front, signing_closes_on=TODAY + dt.timedelta(days=20)
    )
    for order, code in enumerate(PARTIES, 1):
        place = Signatory.Place.MAIN if order <= 2 else Signatory.Place.ANNEX
        factories.SignatoryFactory(programme=programme, agency=world.agencies[code], order=order, place=place)
    factories.ProgrammeBasisFactory(programme=programme, order=1)
    factories.ClauseFactory(programme=programme, number=1, text=f"Tăng cường phối hợp {mark}")
    factories.ClauseFactory(programme=programme, section=Clause.Section.ORGANISATION, number=1)
    tasks = {
        number: factories.PriorityTaskFactory(
            programme=programme, number=number, title_vi=f"Nhiệm vụ {number} {mark}"
        )
        for number in (1, 2)
    }
    for code, lead in LED.items():
        row = factories.AssignmentFactory(
            task=tasks[int(code[0])],
            code=code,
            title_vi=f"Nhiệm vụ {code} {mark}",
            lead=world.agencies[lead],
            due_on=None,
            status="draft",
        )
        for other in sorted(COORDINATED.get(code, ())):
            factories.CoordinationFactory(assignment=row, agency=world.agencies[other])
    return programme


def _document(world: World, programme: Programme) -> Document:
    """Frozen and open for signing, by the portal's own actions: a real file."""
    Programme.objects.filter(pk=programme.pk).update(state="settled")
    programme.refresh_from_db()
    document = documents.freeze(programme, by=world.people["officer"], at=NOW)
    documents.open_round(document, by=world.people["officer"], at=NOW)
    return document


def _carry_out(world: World, programme: Programme) -> None:
    """Every lead reports with words and figures of its own; each row is left in another state."""
    programme.assignments.update(status="assigned", due_on=TODAY + dt.timedelta(days=5))
    officer = world.people["officer"]
    for n, (code, lead) in enumerate(LED.items(), 1):
        row = programme.assignments.get(code=code)
        world.assignments[code] = row.pk
        readers = world.involved(code)
        focal = officer if lead == "BCHQS" else world.people[f"{lead.lower()}_focal"]
        head = world.people["commander" if lead == "BCHQS" else f"{lead.lower()}_head"]
        log = world.betray(f"nhatky{lead.lower()}{n}", "log", readers)
        result = world.betray(
            f"ketqua{lead.lower()}{n}", "result", readers | ({"viewer"} if code == "1.04" else set())
        )
        reason = world.betray(f"lydo{lead.lower()}{n}", "reason", readers)
        figure = Decimal(f"{n}417.{n}3")
        world.betray(f"{n}.417,{n}3", "figure", readers | ({"viewer"} if code == "1.04" else set()))
        assignments.accept(row, by=focal, at=NOW)
        assignments.report_progress(
            row, by=focal, at=NOW, actual=figure, percent=10 * n, text=f"Đã làm {log}"
        )
        if code == "2.01":  # the newest words also stand in the assignment's row
            assignments.report_progress(row, by=focal, at=NOW, actual=figure, percent=60, text=result)
            continue
        assignments.submit_to_head(row, by=focal, at=NOW, result_text=f"Xong {result}")
        if code == "1.03":
            continue
        assignments.approve(row, by=head, at=NOW)
        if code == "1.01":
            assignments.reject(row, by=officer, at=NOW, reason=f"Chưa đạt {reason}")
        if code == "1.04":
            assignments.confirm(row, by=officer, at=NOW)


def _drafts(world: World) -> None:
    """A draft of next year, and a frozen text of last year that is not yet open."""
    word = world.betray("chuongtrinhdangthao", "draft", COMMAND | {"admin"})
    draft = _programme(world, DRAFT_YEAR, mark=word)
    Programme.objects.filter(pk=draft.pk).update(title_vi=f"Chương trình {word}")
    frozen = _programme(world, FROZEN_YEAR)
    for row in Assignment.objects.filter(programme__in=[draft, frozen]).select_related("programme"):
        world.assignments[f"{row.programme.year}/{row.code}"] = row.pk
    Programme.objects.filter(pk=frozen.pk).update(state="frozen")
    word = world.betray("vanbanchuamoky", "draft", COMMAND | {"admin"})
    paper = Document.objects.get(pk=world.documents["open"])
    waiting = Document.objects.create(
        programme=frozen,
        state="frozen",
        title=f"Văn bản {word}",
        symbol="CTr-BCHQS-MTTQ",
        page_count=1,
        frozen_at=NOW,
        frozen=paper.frozen,
        head=paper.frozen,
        closes_on=TODAY,
    )
    Revision.objects.create(document=waiting, seq=0, file=paper.frozen, created_at=NOW)
    world.documents["frozen"] = waiting.pk


def _consult(world: World) -> None:
    """A draft that every party was asked about: nobody else reads it."""
    word = world.betray("duthaolayykien", "draft", world.members(PARTIES) | COMMAND | {"admin"})
    programme = _programme(world, CONSULTED_YEAR, mark=word)
    world.assignments |= {f"{CONSULTED_YEAR}/{row.code}": row.pk for row in programme.assignments.all()}
    consulting.consult(world, programme)


def _evidence(world: World) -> None:
    """A file of the lead and one of who coordinates; an administrator sees that they are there."""
    row = Assignment.objects.get(pk=world.assignments["1.01"])
    for code, sees in (("SXD", {"SXD"}), ("STC", {"SXD", "STC"})):
        readers = world.members(sees) | COMMAND
        name = world.betray(f"minhchung{code.lower()}", "file name", readers | {"admin"})
        words = world.betray(f"noidung{code.lower()}", "file", readers)
        file = store.put(f"Tệp {words}".encode(), media_type="text/plain", at=NOW)
        agency, by = world.agencies[code], world.people[f"{code.lower()}_focal"]
        evidence = factories.EvidenceFactory(
            assignment=row, agency=agency, file=file, name=f"{name}.txt", title=name, uploaded_by=by
        )
        world.evidence[code] = evidence.pk


def _addresses(world: World) -> None:
    """Mail addresses of people: their agency's, the command's and the administrator's business."""
    for name, (code, _role) in POSTS.items():
        word = world.betray(
            f"hopthu.{name.replace('_', '')}", "address", world.members({code}) | COMMAND | {"admin", name}
        )
        User.objects.filter(pk=world.people[name].pk).update(email=f"{word}@example.vn")


def _keys(world: World) -> None:
    """Certificates of two heads, a request that waits and one that was refused.

    A serial number is public only in what its owner signed. The end of a waiting key's fingerprint is
    its owner's to read out, and nobody else's to see; the owner sees it in groups of four.
    """
    pin, officer = keys.derive_pin("2468-1357", n=2**14), world.people["officer"]
    for name in ("sxd_head", "stc_head"):
        certificate = factories.certify(User.objects.get(pk=world.people[name].pk), pin=pin, at=NOW)
        world.certificates[name] = certificate.pk
        # Those who release see whose it is; the trail says the number.
        world.betray(certificate.serial, "credential", {name, "admin", "officer", "commander"})
    for name in ("syt_head", "front_head"):
        user = User.objects.get(pk=world.people[name].pk)
        request = certificates.ask(user, pin=pin, by=user, at=NOW)
        world.betray(request.fingerprint[-8:], "fingerprint", {name})
        if name == "front_head":
            word = world.betray("lydotuchoi", "refusal", {name, "admin", "officer", "commander"})
            certificates.refuse(request, by=officer, at=NOW, reason=f"Không khớp {word}")
    world.requests = {
        next(name for name, user in world.people.items() if user.pk == row.user_id): row.pk
        for row in CertificateRequest.objects.all()
    }
    form = {"key": uuid.UUID(int=1), "user": world.people["sxd_head"]}
    SigningRequest.objects.create(**form)


def _authorise(world: World, programme: Programme) -> None:
    """A paper by which a focal point may sign: her agency's signers, herself, and who runs rounds read it."""
    readers = {"sxd_head", "sxd_deputy", "sxd_focal", "officer", "commander", "admin"}
    number = world.betray("giayuyquyensxd", "authorisation", readers)
    words = world.betray("noidunguyquyen", "authorisation file", readers - {"admin"})
    world.authorisation = factories.AuthorisationFactory(
        person=world.people["sxd_focal"],
        recorded_by=world.people["sxd_head"],
        programme=programme,
        reference=number,
        file=store.put(f"Giấy {words}".encode(), media_type="text/plain", at=NOW),
    ).pk


def _seal(world: World) -> None:
    """A picture of a seal: who signs for its agency sees it."""
    word = world.betray("anhcondausxd", "seal", {"sxd_head", "sxd_deputy", "sxd_focal"})
    world.seal = factories.SealFactory(
        provided_by=world.people["sxd_head"],
        file=store.put(f"PNG {word}".encode(), media_type="text/plain", at=NOW),
    ).pk


def _tell(world: World) -> None:
    """One notice for each person beside those that the actions made; and all mails sent."""
    for n, (name, user) in enumerate(world.people.items(), 1):
        word = world.betray(f"thongbao{name.replace('_', '')}", "notice", {name})
        Notice.objects.create(
            kind="assignment.due",
            subject_type="tasks.assignment",
            subject_id=world.assignments["1.01"],
            recipient=user,
            rule=f"canh{n}",
            due_on=TODAY,
            text_vi=f"Nhắc {word}",
            text_en=f"Reminder {word}",
            created_at=NOW,
            send_after=NOW,
        )
        world.notices[name] = list(user.notices.values_list("pk", flat=True))
    mail.outbox = []
    delivery.deliver(at=NOW + dt.timedelta(minutes=1))
    calendar_links.make(world.people["sxd_focal"], at=NOW)
    MailPreference.objects.create(user=world.people["sxd_focal"], hour=9)
    sent = Mail.objects.filter(recipient=world.people["sxd_focal"]).earliest("pk")
    Mail.objects.filter(pk=sent.pk).update(mail_state=Mail.State.FAILED, why="SMTPRecipientsRefused 550")
    world.undelivered = sent.pk


def words_of_mails() -> list[tuple[str, str]]:
    """Return (recipient's address, everything the mail says) of each mail sent."""
    return [(letter.to[0], f"{letter.subject}\n{letter.body}") for letter in mail.outbox]


def bytes_of(response: Any) -> bytes:
    """Return a response's body, streamed or not."""
    if response.streaming:
        return io.BytesIO(b"".join(response.streaming_content)).getvalue()
    return bytes(response.content)
