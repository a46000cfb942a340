"""Every administrator's page: it opens, for the administrator alone, and keeps its queries few."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin as django_admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agreements.models import (
    AgendaItem,
    Amendment,
    AmendmentChange,
    Attendance,
    Authorisation,
    AuthorityRevocation,
    BriefingList,
    Certificate,
    CertificateAuthority,
    CertificateRequest,
    Conclusion,
    Conference,
    Consultation,
    ConsultationAnswer,
    ConsultationComment,
    Contribution,
    Counterpart,
    Credential,
    Document,
    DraftVersion,
    Ending,
    ExternalCertificate,
    ExternalList,
    ExternalRoot,
    Inspection,
    InvitedAgency,
    MarkPicture,
    MinutesPart,
    PaperSignature,
    PreparedSignature,
    Revision,
    RevocationList,
    Seal,
    Signature,
    SignatureField,
    SigningRequest,
    Suspension,
    Timestamp,
)
from portal.audit.admin_base import AuditedAdmin
from portal.audit.models import Event, Head, Verification
from portal.files.models import Recall, StoredFile
from portal.notices.models import CalendarLink, Mail, MailPreference, Notice
from portal.operations.models import DemonstrationMark
from portal.users.models import Failure, SignIn, StepUp, UsedCode, User
from portal.users.records import Handover, Invitation, Recovery
from tasks.models import (
    ApprovedReview,
    Assignment,
    AssignmentImport,
    ChangePlan,
    Comment,
    Consolidation,
    ConsolidationParagraph,
    ConsolidationSource,
    Cooperation,
    Evidence,
    ExtensionRequest,
    Figure,
    GroupMember,
    GroupPlanItem,
    Indicator,
    LightOverride,
    Mention,
    Milestone,
    MilestoneDuty,
    PaperEntry,
    PartyHeir,
    PeriodReview,
    PlannedSuccessor,
    PostMove,
    ProductDocument,
    Programme,
    Progress,
    Proposal,
    Quota,
    RatingCriterion,
    RatingDecision,
    RatingGrade,
    RatingPoint,
    RatingProof,
    RatingRound,
    RatingSheet,
    Reexamination,
    Report,
    ReportLine,
    ReportStep,
    ReviewParagraph,
    Scheme,
    SeenPoint,
    SendingGrant,
    Shortcoming,
    ShortcomingReview,
    SourceDocument,
    StandingGroup,
    SupportAnswer,
    SupportReceipt,
    Takeover,
    Urging,
    UrgingLetter,
    YearEndDecision,
    YearPaper,
)
from tests.addresses import share
from tests.portal.admin_pages import address
from tests.portal.admin_rows import MAKERS, Rows

pytestmark = pytest.mark.django_db
Login = Callable[[User], Client]

MACHINERY = {
    *(Head, Verification, UsedCode, Failure, StepUp, SigningRequest, PreparedSignature, Timestamp),
    *(DemonstrationMark, Inspection, MailPreference, CalendarLink),
    *(ChangePlan, PlannedSuccessor, PostMove, Takeover, PartyHeir, SourceDocument),
}
"""Rows that only make a rule hold, and those that have a page elsewhere."""

NOT_THEIRS = {
    *(Progress, Amendment, AmendmentChange, Report, ReportLine, ReportStep, SendingGrant),
    *(Indicator, Quota, Figure, ExtensionRequest, Urging, UrgingLetter, LightOverride, Comment, Mention),
    *(AssignmentImport, Cooperation, PaperEntry, ProductDocument, GroupMember, GroupPlanItem),
    *(Consolidation, ConsolidationParagraph, ConsolidationSource),
    *(PeriodReview, ReviewParagraph, ApprovedReview),
    *(RatingRound, RatingCriterion, RatingGrade, RatingSheet, RatingPoint, RatingProof, Reexamination),
    *(RatingDecision, SupportReceipt, SupportAnswer),
    *(SeenPoint, YearEndDecision, Shortcoming, ShortcomingReview, Proposal, Milestone, MilestoneDuty),
    *(DraftVersion, Consultation, ConsultationAnswer, ConsultationComment),
    *(Conference, AgendaItem, InvitedAgency, Attendance, Contribution, Conclusion, MinutesPart, BriefingList),
}
"""What administrators do not read, not even that it is there."""

WRITTEN_BY_ACTIONS = {
    *(Event, StoredFile, Recall, Notice, Mail, Evidence, Scheme, YearPaper, SignIn),
    *(Invitation, Recovery, Handover, StandingGroup),
    *(Document, Revision, Seal, SignatureField, Signature, Certificate, CertificateRequest, Credential),
    *(Authorisation, ExternalCertificate, Counterpart, PaperSignature, Ending, MarkPicture),
    *(CertificateAuthority, AuthorityRevocation, RevocationList, Suspension, ExternalRoot, ExternalList),
}
"""What administrators only read."""

REGISTERED = sorted(django_admin.site._registry, key=lambda model: model._meta.label)
EVERY_MODEL = pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
OTHERS = (
    "officer",
    "commander",
    "clerk",
    "front_head",
    "head",
    "deputy",
    "focal_point",
    "viewer",
    "stranger",
)


@pytest.fixture
def rows(programme: Programme) -> Rows:
    return Rows(programme)


@pytest.fixture
def client(admin: User, login: Login) -> Client:
    return login(admin)


def page_of(model: Any) -> Any:
    return django_admin.site._registry[model]


# --- What is there -----------------------------------------------------------------------------
def test_every_model_of_ours_has_a_page_or_a_place_on_one() -> None:
    ours = {m for m in apps.get_models() if m.__module__.split(".")[0] in {"portal", "tasks", "agreements"}}
    inlines = {inline.model for model in REGISTERED for inline in page_of(model).inlines}
    assert ours - MACHINERY - NOT_THEIRS == set(REGISTERED) | inlines


@EVERY_MODEL
def test_every_page_is_audited(model: Any) -> None:
    assert isinstance(page_of(model), AuditedAdmin)


@EVERY_MODEL
def test_no_page_shows_bytes_or_hashes_of_passwords(model: Any, rows: Rows, client: Client) -> None:
    page = client.get(address(model, "change", rows.make(model).pk)).content.decode()
    assert "sealed_key" not in page
    assert 'name="password"' not in page
    assert "md5$" not in page


def test_no_page_tells_what_was_told_or_reported(rows: Rows, client: Client) -> None:
    notice, row = rows.make(Notice), rows.make(Assignment)
    Notice.objects.filter(pk=notice.pk).update(text_vi="canh-thong-bao", text_en="canh-thong-bao")
    told = {"result_text": "canh-ket-qua", "decision_note": "canh-ly-do", "actual": "7417.13"}
    Assignment.objects.filter(pk=row.pk).update(**told)
    for obj in (notice, row):
        for name, args in (("changelist", []), ("change", [obj.pk]), ("history", [obj.pk])):
            page = client.get(address(type(obj), name, *args)).content.decode()
            assert "canh-" not in page, name
            assert "7417" not in page.replace(".", ""), name


SEARCHED = {
    *("decision_number", "name_vi", "name_en"),
    *("verb__startswith", "=actor_id", "=subject_id", "=request_id"),
    *("name", "title", "title_vi", "title_en", "symbol", "legal_document"),
    *("reference", "number", "wording", "year", "serial", "name_folded", "folded"),
    *("user__name_folded", "agency__name_folded", "recipient__name_folded", "lead__name_folded"),
    *("signer__name_folded", "field__agency__name_folded", "certificate__user__name_folded"),
    "person__name_folded",
    *("sha256__startswith", "file__sha256__startswith", "assignment__folded"),
    *("predecessor__user__name_folded", "successor__user__name_folded"),
}
"""Names, numbers and titles; never an address, a report, a reason or a key."""


@EVERY_MODEL
def test_a_search_looks_at_names_and_numbers_only(model: Any) -> None:
    assert set(page_of(model).search_fields) <= SEARCHED


@EVERY_MODEL
def test_what_is_signed_or_recorded_is_never_deleted(model: Any, rows: Rows, client: Client) -> None:
    if model in WRITTEN_BY_ACTIONS:
        assert not page_of(model).is_deletable(rows.make(model))
        assert "delete_selected" not in client.get(address(model, "changelist")).content.decode()


# --- They open ---------------------------------------------------------------------------------
@EVERY_MODEL
def test_list_record_and_history_open_in_vietnamese(model: Any, rows: Rows, client: Client) -> None:
    obj = rows.make(model)
    for name, args in (("changelist", []), ("change", [obj.pk]), ("history", [obj.pk])):
        response = client.get(address(model, name, *args))
        assert response.status_code == 200, name
        assert 'lang="vi"' in response.content.decode()


@EVERY_MODEL
def test_the_add_page_opens_for_kept_records_and_for_no_others(model: Any, client: Client) -> None:
    expected = 403 if model in WRITTEN_BY_ACTIONS else 200
    assert client.get(address(model, "add")).status_code == expected


@pytest.mark.parametrize(
    "model", [model for model in REGISTERED if model in WRITTEN_BY_ACTIONS], ids=lambda model: model.__name__
)
def test_what_actions_write_is_not_written_here(model: Any, rows: Rows, client: Client) -> None:
    obj = rows.make(model)
    assert client.post(address(model, "change", obj.pk), {}).status_code == 403
    assert client.post(address(model, "delete", obj.pk), {"post": "yes"}).status_code == 403


def test_the_index_names_every_kind_of_record(client: Client) -> None:
    page = client.get("/admin/").content.decode()
    assert all(address(model, "changelist") in page for model in REGISTERED)


# --- For nobody else ---------------------------------------------------------------------------
@pytest.mark.parametrize("name", OTHERS)
def test_other_posts_are_refused_on_every_page(name: str, rows: Rows, cast: Any, login: Login) -> None:
    client = login(getattr(cast, name))
    for model in share(REGISTERED, name, OTHERS):
        pk = rows.make(model).pk
        for page, args in (
            ("changelist", []),
            ("add", []),
            ("change", [pk]),
            ("delete", [pk]),
            ("history", [pk]),
        ):
            url = address(model, page, *args)
            assert (client.get(url).status_code, client.post(url).status_code) == (403, 403), url


@EVERY_MODEL
def test_a_visitor_is_asked_to_sign_in(model: Any) -> None:
    response = Client().get(address(model, "changelist"))
    assert (response.status_code, response.url) == (302, f"/login/?next={address(model, 'changelist')}")


@pytest.mark.parametrize("path", ["", "jsi18n/", "autocomplete/", "password_change/", "logout/", "agencies/"])
def test_a_signed_in_stranger_is_refused_not_sent_to_sign_in_again(
    path: str, head: User, login: Login
) -> None:
    assert login(head).get(f"/admin/{path}").status_code == 403


def test_an_administrator_without_a_post_today_is_out(admin: User, login: Login) -> None:
    client = login(admin)
    admin.memberships.update(valid_to="2026-01-01")
    assert client.get("/admin/").url == "/login/?next=/admin/"
    assert login(User.objects.get(pk=admin.pk)).get("/admin/").status_code == 403


# --- They stay quick and do not fall ------------------------------------------------------------
@EVERY_MODEL
def test_a_list_of_fifty_takes_the_queries_of_a_list_of_two(model: Any, rows: Rows, client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address(model, "changelist")).status_code == 200
        return len(captured)

    for _ in range(2):
        rows.make(model)
    queries()  # the first request of a session also looks for the second factor
    few = queries()
    for _ in range(48):
        rows.make(model)
    assert queries() == few <= 16


ODD_QUERIES = (
    *("nothing=1", "pk__regex=.*", "password__startswith=a", "user__password__startswith=a", "e=1"),
    *("p=999", "p=x", "o=99.-1", "all=", "q=%00", "q=" + "x%20" * 500, "_to_field=password"),
    *("kind__exact=%00", "state__exact=nothing", "role__in=%00,a", "programme__id__exact=" + "9" * 30),
    *("on__year=99999", "stored_at__month=x"),
)


@EVERY_MODEL
def test_odd_addresses_are_refused_without_a_fault(model: Any, client: Client) -> None:
    for query in ODD_QUERIES:
        response = client.get(f"{address(model, 'changelist')}?{query}")
        assert response.status_code in {200, 302, 400}, query


@EVERY_MODEL
def test_a_record_that_is_not_there_leads_back(model: Any, client: Client) -> None:
    for pk in ("0", "x", "%00", "9" * 30, "-1"):
        assert client.get(f"{address(model, 'changelist')}{pk}/change/").status_code == 302, pk


def test_unknown_lookups_are_refused_not_ignored(client: Client) -> None:
    for query in ("password__startswith=a", "memberships__user__password__startswith=a", "email__contains=a"):
        assert client.get(f"{address(User, 'changelist')}?{query}").status_code == 400


def test_every_declared_filter_works(rows: Rows, client: Client) -> None:
    for model in REGISTERED:
        rows.make(model)
        page = client.get(address(model, "changelist"))
        changelist = page.context["cl"]
        for spec in changelist.filter_specs:
            for choice in spec.choices(changelist):
                response = client.get(address(model, "changelist") + choice["query_string"])
                assert response.status_code == 200, (model, choice)
                assert "e=1" not in response.request["QUERY_STRING"]


def test_maker_of_rows_for_every_model() -> None:
    assert set(MAKERS) == set(REGISTERED)
