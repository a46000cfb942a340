"""What every test may use: the fixed cast and one small programme in force.

The cast: officer, commander, clerk and admin of the host (BCHQS); front_head of the Front (UBMTTQ);
head, deputy and focal_point of a department (SXD); viewer of the People's Committee's office;
stranger, focal point of an agency that is no party. Times and the year are in tests/factories.py.
"""

import datetime as dt
import gc
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from types import SimpleNamespace

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from portal.agencies.models import Agency, AgencyKind
from portal.lib import walls
from portal.users import sessions, step_up, totp
from portal.users.models import SECOND_FACTOR_ROLES, Role, StepUp, User
from tasks.models import Assignment, Cycle, Programme, Signatory
from tasks.states import ProgrammeState
from tests import factories, flushing, migrated
from tests.factories import NOW, person

pytest_plugins = ["tests.servers", "tests.scale", "tests.typeset_once"]
flushing.install()
gc.set_threshold(
    100_000, 50, 100
)  # what tests leave is seldom circles: looking for them took a tenth of a run


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> Iterator[None]:
    """Begin the test database as a copy of a migrated one; migrating it then finds nothing to do."""
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated.postgres(settings.DATABASE_URL)
        yield
        return
    memory = sqlite3.connect(connection.creation._get_test_db_name(), uri=True)
    with closing(memory), closing(sqlite3.connect(migrated.sqlite())) as file:
        file.backup(memory)
        yield  # what is in memory lives as long as somebody is connected to it


@pytest.fixture(autouse=True)
def outside_of_requests() -> Iterator[None]:
    """Whatever a test loads that serves the web, the next one is a command again and sees everything."""
    yield
    walls._outside = walls.EVERYTHING
    walls._inside.set(None)
    walls._put_or_close(walls.EVERYTHING)


# --- Agencies and people ---------------------------------------------------------------------
@pytest.fixture
def host(db: None) -> Agency:
    return factories.AgencyFactory(
        code="BCHQS",
        name_vi="Bộ Chỉ huy Quân sự tỉnh Thanh Hóa",
        name_en="Thanh Hoa Provincial Military Command",
        kind=AgencyKind.ARMED_FORCES,
        header_parent="QUÂN KHU 4",
        signature_block="CHỈ HUY TRƯỞNG",
        protocol_order=1,
    )


@pytest.fixture
def front(db: None) -> Agency:
    return factories.AgencyFactory(
        code="UBMTTQ",
        name_vi="Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh Thanh Hóa",
        name_en="Viet Nam Fatherland Front Committee of Thanh Hoa Province",
        kind=AgencyKind.FRONT_AND_MASS_ORG,
        header_parent="MẶT TRẬN TỔ QUỐC VIỆT NAM",
        signature_block="TM. BAN THƯỜNG TRỰC\nCHỦ TỊCH",
        protocol_order=2,
    )


@pytest.fixture
def department(db: None) -> Agency:
    return factories.AgencyFactory(
        code="SXD", name_vi="Sở Xây dựng", name_en="Department of Construction", protocol_order=20
    )


@pytest.fixture
def outside(db: None) -> Agency:
    """An agency that is no party of the small programme."""
    return factories.AgencyFactory(code="CTK", name_vi="Cục Thống kê", name_en="Statistics Office")


@pytest.fixture
def officer(host: Agency) -> User:
    return person("bchqs.troly", Role.PROGRAMME_OFFICER, host, full_name="Lê Quang Đạt", rank="Thiếu tá")


@pytest.fixture
def commander(host: Agency) -> User:
    return person("bchqs.cht", Role.COMMANDER, host, full_name="Phùng Gia Thụ", rank="Đại tá")


@pytest.fixture
def clerk(host: Agency) -> User:
    return person("bchqs.vanthu", Role.RECORDS_CLERK, host, full_name="Vũ Thị Hiền")


@pytest.fixture
def admin(host: Agency) -> User:
    return person("quantri", Role.ADMINISTRATOR, host, full_name="Đỗ Minh Quân")


@pytest.fixture
def front_head(front: Agency) -> User:
    return person("ubmttq.head", Role.AGENCY_HEAD, front, full_name="Đàm Thục Nhi")


@pytest.fixture
def head(department: Agency) -> User:
    return person("sxd.head", Role.AGENCY_HEAD, department, full_name="Mạc Văn Hùng")


@pytest.fixture
def deputy(department: Agency) -> User:
    return person("sxd.pgd", Role.DEPUTY_HEAD, department, full_name="Tạ Thu Hà")


@pytest.fixture
def focal_point(department: Agency) -> User:
    return person("sxd.daumoi", Role.FOCAL_POINT, department, full_name="Ngô Đức Anh")


@pytest.fixture
def viewer(db: None) -> User:
    office = factories.AgencyFactory(code="VPUBND", name_vi="Văn phòng UBND tỉnh", protocol_order=16)
    return person("ubnd.xem", Role.VIEWER, office, full_name="Hà Kim Chi")


@pytest.fixture
def stranger(outside: Agency) -> User:
    return person("ctk.daumoi", Role.FOCAL_POINT, outside, full_name="Lò Văn Pín")


# --- The small programme -----------------------------------------------------------------------
@pytest.fixture
def draft_programme(host: Agency, front: Agency, department: Agency) -> Programme:
    """A complete draft of 2026: 3 parties, 2 tasks, 2 solutions, 3 assignments.

    1.01 led by SXD with UBMTTQ, due 31/03; 1.02 led by UBMTTQ with SXD, due Saturday 28/02 (binding
    on Monday 02/03); 2.01 led by BCHQS, quarterly.
    """
    programme = factories.ProgrammeFactory(host=host, co_host=front)
    main, annex = Signatory.Place.MAIN, Signatory.Place.ANNEX
    for order, (agency, place) in enumerate([(host, main), (front, main), (department, annex)], 1):
        factories.SignatoryFactory(programme=programme, agency=agency, order=order, place=place)
    factories.ProgrammeBasisFactory(programme=programme, order=1)
    factories.ClauseFactory(programme=programme, number=1)
    first, second = (factories.PriorityTaskFactory(programme=programme, number=number) for number in (1, 2))
    solutions = [factories.SolutionFactory(programme=programme, number=number) for number in (1, 2)]
    rows = [
        (first, "1.01", "Quy hoạch đất quốc phòng", department, [front], Cycle.ONCE, dt.date(2026, 3, 31)),
        (first, "1.02", "Tuyên truyền trong Nhân dân", front, [department], Cycle.ONCE, dt.date(2026, 2, 28)),
        (second, "2.01", "Tổng hợp báo cáo quý", host, [], Cycle.QUARTERLY, dt.date(2026, 12, 14)),
    ]
    for place, (task, code, title, lead, coordinating, cycle, deadline_on) in enumerate(rows):
        assignment = factories.AssignmentFactory(
            task=task,
            code=code,
            title_vi=title,
            lead=lead,
            cycle=cycle,
            deadline_on=deadline_on,
            due_on=None,
            status="draft",
        )
        assignment.solutions.set([solutions[place % 2]])
        for agency in coordinating:
            factories.CoordinationFactory(assignment=assignment, agency=agency)
    return programme


@pytest.fixture
def programme(draft_programme: Programme) -> Programme:
    """The small programme in force, its assignments given out. States are set directly here only."""
    Programme.objects.filter(pk=draft_programme.pk).update(
        state=ProgrammeState.IN_FORCE, in_force_at=NOW - dt.timedelta(days=50)
    )
    rows = Assignment.objects.filter(programme=draft_programme)
    rows.update(status="assigned")
    rows.filter(code="1.01").update(due_on=dt.date(2026, 3, 31))
    rows.filter(code="1.02").update(due_on=dt.date(2026, 3, 2))
    draft_programme.refresh_from_db()
    return draft_programme


@pytest.fixture
def assignment(programme: Programme) -> Assignment:
    """1.01, led by the department, due 31/03/2026."""
    return programme.assignments.get(code="1.01")


# --- The cast by name, the browser, the clock ----------------------------------------------------
CAST = ("officer", "commander", "clerk", "admin", "front_head", "head", "deputy", "focal_point", "viewer")


@pytest.fixture
def cast(request: pytest.FixtureRequest) -> SimpleNamespace:
    """Everybody, by name, for tables of who may do what."""
    return SimpleNamespace(**{name: request.getfixturevalue(name) for name in (*CAST, "stranger")})


MENDS = frozenset({Role.PROGRAMME_OFFICER, Role.COMMANDER, Role.ADMINISTRATOR})


@pytest.fixture
def login(db: None) -> Callable[..., Client]:
    """Return login(user, stepped_up=True): a browser in which the user is signed in.

    Second factor included; who may change people has just made the step-up for it, too.
    """

    def sign_in(user: User, *, stepped_up: bool = True) -> Client:
        client = Client()
        client.force_login(user)
        if user.role in SECOND_FACTOR_ROLES and not totp.is_enrolled(user):
            totp.enrol(user)
        if stepped_up and user.role in {*MENDS, Role.AGENCY_HEAD}:
            step_up_for(client, user, "users")
        return client

    return sign_in


def step_up_for(client: Client, user: User, purpose: str, path: str = "") -> None:
    """Give the browser's sign-in what the step-up's page gives; tests of that page use the page."""
    StepUp.objects.update_or_create(
        sign_in_id=sessions.own_id(client.session),
        purpose=purpose,
        path=path,
        defaults={"mark": step_up._mark(user), "granted_at": timezone.now()},
    )


@pytest.fixture
def now() -> Iterator[dt.datetime]:
    """Hold the clock at NOW, for pages: actions take the time as an argument."""
    with time_machine.travel(NOW, tick=False):
        yield NOW
