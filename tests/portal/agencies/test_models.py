"""The register of agencies."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import override

from portal.agencies.models import Agency
from tests.factories import AgencyFactory

pytestmark = pytest.mark.django_db
D = dt.date


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "exists"),
    [
        (None, None, True),
        (D(2025, 3, 1), None, True),
        (D(2025, 3, 2), None, False),
        (None, D(2025, 3, 1), True),
        (None, D(2025, 2, 28), False),
        (D(2025, 3, 1), D(2025, 3, 1), True),
    ],
)
def test_valid_on_its_first_and_last_day(valid_from, valid_to, exists):
    AgencyFactory(valid_from=valid_from, valid_to=valid_to)
    assert Agency.objects.valid_on(D(2025, 3, 1)).exists() == exists


def test_name_survives_as_another_body():
    """Sở Xây dựng of 2025 is another agency than the one before: the code tells them apart."""
    AgencyFactory(code="SXD", name_vi="Sở Xây dựng", valid_to=D(2025, 2, 28))
    AgencyFactory(code="SXD-2025", name_vi="Sở Xây dựng", valid_from=D(2025, 3, 1))
    assert [a.code for a in Agency.objects.valid_on(D(2025, 2, 28))] == ["SXD"]
    assert [a.code for a in Agency.objects.valid_on(D(2025, 3, 1))] == ["SXD-2025"]


def test_code_is_unique():
    AgencyFactory(code="SYT")
    with pytest.raises(IntegrityError), transaction.atomic():
        AgencyFactory(code="SYT")


@pytest.mark.parametrize("code", ["sxd", "S XD", "-SXD", "SỞ", ""])
def test_odd_codes_are_refused(code):
    with pytest.raises(ValidationError):
        AgencyFactory.build(code=code).full_clean()


def test_dates_in_order():
    with pytest.raises(IntegrityError), transaction.atomic():
        AgencyFactory(valid_from=D(2025, 3, 1), valid_to=D(2025, 2, 1))


def test_signature_block_is_required():
    with pytest.raises(IntegrityError), transaction.atomic():
        AgencyFactory(signature_block="")


def test_block_lines():
    agency = AgencyFactory(signature_block=" TM. BAN THƯỜNG TRỰC \n\nCHỦ TỊCH\n")
    assert agency.block_lines == ("TM. BAN THƯỜNG TRỰC", "CHỦ TỊCH")


def test_name_in_the_readers_language():
    agency = AgencyFactory(name_vi="Sở Y tế", name_en="Department of Health")
    assert agency.name == "Sở Y tế"
    with override("en"):
        assert agency.name == "Department of Health"
    agency.name_en = ""
    with override("en"):
        assert agency.name == "Sở Y tế"


def test_saving_keeps_search_and_order():
    names = ["Đài Phát thanh", "Sở Y tế", "Cục Thuế", "Sở Xây dựng"]
    for name in names:
        AgencyFactory(name_vi=name, protocol_order=5)
    assert [a.name for a in Agency.objects.filter(protocol_order=5)] == [
        "Cục Thuế",
        "Đài Phát thanh",
        "Sở Xây dựng",
        "Sở Y tế",
    ]
    assert Agency.objects.get(name_folded__contains="dai phat thanh").name == "Đài Phát thanh"
