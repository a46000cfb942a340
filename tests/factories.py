"""Rows for tests, whole and valid, each saying only what it is about.

The small world is the year 2026: the programme is in force, it is Tuesday 10 March.
"""

import datetime as dt
from typing import Any

import factory

from agreements import certificates, keys
from agreements.models import (
    AgendaItem,
    Attendance,
    Authorisation,
    Certificate,
    Conference,
    InvitedAgency,
    MarkPicture,
)
from portal.agencies.models import Agency, AgencyKind
from portal.calendar.models import Holiday
from portal.files import store
from portal.lib.dates import LOCAL
from portal.users.models import Membership, Role, User
from tasks.models import (
    Assignment,
    Clause,
    Coordination,
    Evidence,
    GroupMember,
    JointIndicator,
    LegalBasis,
    Locality,
    PriorityTask,
    Programme,
    ProgrammeBasis,
    Progress,
    Report,
    ReportingPeriod,
    ReportLine,
    Signatory,
    Solution,
    StandingGroup,
    YearPaper,
)
from tasks.states import AssignmentStatus

YEAR = 2026
TODAY = dt.date(2026, 3, 10)  # a Tuesday
NOW = dt.datetime(2026, 3, 10, 9, 0, tzinfo=LOCAL)
PASSWORD = "phoi-hop-quan-dan"


class _Factory(factory.django.DjangoModelFactory[Any]):
    class Meta:
        abstract = True
        skip_postgeneration_save = True


class AgencyFactory(_Factory):
    code = factory.Sequence(lambda n: f"CQ{n}")
    symbol = factory.SelfAttribute("code")
    name_vi = factory.LazyAttribute(lambda a: f"Cơ quan {a.code}")
    name_en = factory.LazyAttribute(lambda a: f"Agency {a.code}")
    kind = AgencyKind.DEPARTMENT
    signature_block = "GIÁM ĐỐC"
    protocol_order = factory.Sequence(lambda n: 100 + n)

    class Meta:
        model = Agency


class UserFactory(_Factory):
    """A person who may sign in, without a post; password PASSWORD."""

    username = factory.Sequence(lambda n: f"nguoi{n}")
    full_name = factory.Sequence(lambda n: f"Nguyễn Văn {n}")
    email = factory.LazyAttribute(lambda u: f"{u.username}@example.vn")

    class Meta:
        model = User

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return User.objects.create_user(*args, **({"password": PASSWORD} | kwargs))


class MembershipFactory(_Factory):
    user = factory.SubFactory(UserFactory)
    agency = factory.SubFactory(AgencyFactory)
    role = Role.FOCAL_POINT
    valid_from = dt.date(2020, 1, 1)

    class Meta:
        model = Membership


def person(username: str, role: Role, agency: Agency, **fields: Any) -> User:
    """Make a user who holds `role` in `agency` since 2020."""
    user = UserFactory(username=username, **fields)
    MembershipFactory(user=user, agency=agency, role=role)
    return user


def certify(
    user: User, *, pin: str | keys.DerivedPin, at: dt.datetime, for_agency: bool = False
) -> Certificate:
    """Let the user ask for a certificate, and a programme officer release it."""
    officer = User.objects.filter(memberships__role=Role.PROGRAMME_OFFICER).first()
    request = certificates.ask(user, pin=pin, by=user, at=at, for_agency=for_agency)
    return certificates.release(
        request,
        by=officer or person("troly.cap", Role.PROGRAMME_OFFICER, AgencyFactory()),
        compared=request.fingerprint[-certificates.HIDDEN_DIGITS :],
        at=at,
    )


class AuthorisationFactory(_Factory):
    """A paper on file, TUQ. for this month; give it person, recorded_by and programme."""

    agency = factory.LazyAttribute(lambda a: a.person.post.agency)
    capacity = Authorisation.Capacity.TUQ
    title = "Chánh Văn phòng"
    reference = factory.Sequence(lambda n: f"{n}/GUQ-SXD")
    dated_on = dt.date(2026, 3, 1)
    valid_from = dt.date(2026, 3, 1)
    valid_until = dt.date(2026, 3, 31)
    file = factory.LazyFunction(lambda: store.put(b"%PDF-1.7 paper", media_type="application/pdf", at=NOW))
    file_name = "Giấy ủy quyền.pdf"
    recorded_at = NOW

    class Meta:
        model = Authorisation


class SealFactory(_Factory):
    """A picture of an agency's seal; give it provided_by."""

    kind = MarkPicture.Kind.SEAL
    agency = factory.LazyAttribute(lambda m: m.provided_by.post.agency)
    width_mm = 36
    file = factory.LazyFunction(lambda: store.put(b"PNG", media_type="image/png", at=NOW))
    provided_at = NOW

    class Meta:
        model = MarkPicture


class HolidayFactory(_Factory):
    name = "Ngày nghỉ"

    class Meta:
        model = Holiday


class LegalBasisFactory(_Factory):
    wording = factory.Sequence(lambda n: f"Căn cứ Luật số {n}")
    number = factory.Sequence(lambda n: f"{n}/2018/QH14")
    issued_on = dt.date(2018, 6, 8)

    class Meta:
        model = LegalBasis


class ProgrammeFactory(_Factory):
    """A draft; the small programme of conftest.py is brought into force."""

    year = YEAR
    year_to = factory.SelfAttribute("year")
    title_vi = factory.LazyAttribute(
        lambda p: f"Chương trình phối hợp thực hiện nhiệm vụ quân sự - quốc phòng năm {p.year}"
    )
    title_en = factory.LazyAttribute(lambda p: f"{p.year} Coordination Programme")
    host = factory.SubFactory(AgencyFactory)
    place = "Thanh Hóa"
    symbol = "CTr-BCHQS-MTTQ"
    recipients = "Quân khu 4\nCác cơ quan ký kết"
    conference_on = factory.LazyAttribute(lambda p: dt.date(p.year, 1, 11))
    signing_closes_on = factory.LazyAttribute(lambda p: dt.date(p.year, 6, 30))

    class Meta:
        model = Programme


class ProgrammeBasisFactory(_Factory):
    basis = factory.SubFactory(LegalBasisFactory)
    order = factory.Sequence(lambda n: n)

    class Meta:
        model = ProgrammeBasis


class SignatoryFactory(_Factory):
    order = factory.Sequence(lambda n: n + 1)

    class Meta:
        model = Signatory


class ClauseFactory(_Factory):
    section = Clause.Section.PURPOSE
    number = factory.Sequence(lambda n: n + 1)
    text = "Tăng cường phối hợp giữa các cơ quan, đơn vị."

    class Meta:
        model = Clause


class PriorityTaskFactory(_Factory):
    number = factory.Sequence(lambda n: n + 1)
    title_vi = factory.LazyAttribute(lambda t: f"Nhiệm vụ trọng tâm {t.number}")

    class Meta:
        model = PriorityTask


class SolutionFactory(_Factory):
    number = factory.Sequence(lambda n: n + 1)
    title_vi = factory.LazyAttribute(lambda s: f"Giải pháp chủ yếu {s.number}")

    class Meta:
        model = Solution


class AssignmentFactory(_Factory):
    """An assignment of a given programme and task; due_on as the deadline unless given."""

    programme = factory.SelfAttribute("task.programme")
    code = factory.Sequence(lambda n: f"9.{n:02}")
    title_vi = factory.LazyAttribute(lambda a: f"Nhiệm vụ {a.code}")
    title_en = factory.LazyAttribute(lambda a: f"Assignment {a.code}")
    deadline_on = dt.date(2026, 6, 30)
    due_on = factory.LazyAttribute(lambda a: a.deadline_on)
    indicator_vi = "Số văn bản ban hành"
    indicator_en = "Documents issued"
    unit_vi = "văn bản"
    unit_en = "document"
    target = 10
    status = AssignmentStatus.ASSIGNED

    class Meta:
        model = Assignment


class CoordinationFactory(_Factory):
    deliverable = "Ý kiến bằng văn bản"
    order = factory.Sequence(lambda n: n)

    class Meta:
        model = Coordination


class ProgressFactory(_Factory):
    at = NOW
    status = AssignmentStatus.IN_PROGRESS
    actual = 1
    progress_percent = 10
    text = "Đã triển khai."

    class Meta:
        model = Progress


class EvidenceFactory(_Factory):
    """A file of evidence in use; give it assignment, agency and a stored file."""

    name = "Biên bản.pdf"
    title = "Biên bản bàn giao"
    uploaded_by = factory.SubFactory(UserFactory)
    uploaded_at = NOW
    declaration = "2026-1"

    class Meta:
        model = Evidence


class YearPaperFactory(_Factory):
    """A row of the register; give it programme and entered_by."""

    kind = "KH"
    number = factory.Sequence(lambda n: f"{n}/KH-BCH")
    issued_on = dt.date(2026, 1, 8)
    subject = factory.Sequence(lambda n: f"Kế hoạch công tác số {n}")
    issuer = "Bộ Chỉ huy Quân sự tỉnh"
    entered_at = NOW

    class Meta:
        model = YearPaper


class LocalityFactory(_Factory):
    code = factory.Sequence(lambda n: f"H{n}")
    kind = Locality.Kind.DISTRICT
    name_vi = factory.LazyAttribute(lambda a: f"Huyện {a.code}")
    order = factory.Sequence(lambda n: n)

    class Meta:
        model = Locality


class JointIndicatorFactory(_Factory):
    name_vi = factory.Sequence(lambda n: f"Chỉ tiêu chung {n}")
    unit_vi = "văn bản"
    target = 20

    class Meta:
        model = JointIndicator


class ReportingPeriodFactory(_Factory):
    code = factory.Sequence(lambda n: f"K{n}")
    kind = ReportingPeriod.Kind.QUARTERLY
    data_from = dt.date(2025, 12, 15)
    data_to = dt.date(2026, 3, 14)
    due_on = dt.date(2026, 3, 16)

    class Meta:
        model = ReportingPeriod


class ReportFactory(_Factory):
    """A report that nobody has written in; give it period and agency."""

    class Meta:
        model = Report


class ReportLineFactory(_Factory):
    is_led = True
    actual = 1
    text = "Đã triển khai."

    class Meta:
        model = ReportLine


class ConferenceFactory(_Factory):
    """The annual conference of the small programme, held on the morning of NOW's day; invited already."""

    title = "Hội nghị phối hợp năm 2026"
    starts_at = dt.datetime(2026, 3, 10, 8, 0, tzinfo=LOCAL)
    place = "Hội trường Bộ Chỉ huy Quân sự tỉnh"
    delegates_until = TODAY
    door_key = "d" * 32
    state = "invited"
    invited_at = dt.datetime(2026, 3, 1, 8, 0, tzinfo=LOCAL)

    class Meta:
        model = Conference

    @classmethod
    def _create(cls, model_class: type[Conference], *args: Any, **kwargs: Any) -> Conference:
        row = super()._create(model_class, *args, **kwargs)
        parties = row.programme.signatories.order_by("order")
        InvitedAgency.objects.bulk_create(
            InvitedAgency(conference=row, agency=party.agency, order=party.order) for party in parties
        )
        AgendaItem.objects.create(conference=row, order=1, starts=dt.time(8, 0), title="Khai mạc")
        return row


class DelegateFactory(_Factory):
    name = "Trần Văn Đại"
    position = "Phó Giám đốc"
    named_at = NOW

    class Meta:
        model = Attendance


class StandingGroupFactory(_Factory):
    """A group without members; GroupMember adds them."""

    name = factory.Sequence(lambda n: f"Nhóm phối hợp {n}")
    basis = factory.SubFactory(LegalBasisFactory)
    begins_on = dt.date(2026, 1, 1)

    class Meta:
        model = StandingGroup


def standing_group(host: Any, *members: Any, **facts: Any) -> StandingGroup:
    """Return a group of the host and these agencies since the beginning of the year."""
    group: StandingGroup = StandingGroupFactory(host=host, **facts)
    for agency in (host, *members):
        GroupMember.objects.create(group=group, agency=agency, valid_from=group.begins_on)
    return group
