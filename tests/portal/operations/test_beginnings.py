"""The first administrator of an empty portal."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from portal.agencies.models import Agency
from portal.audit import verification
from portal.audit.models import Event
from portal.users.models import Role, User

pytestmark = pytest.mark.django_db

PASSWORD = "một mật khẩu đủ dài"


def create(monkeypatch, *, password: str = PASSWORD, code: str = "BCHQS", name: str = "Đỗ Minh Quân") -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    call_command(
        "create_administrator",
        "quantri",
        full_name=name,
        agency_code=code,
        agency_name="Bộ Chỉ huy Quân sự tỉnh",
    )


def test_administrator_holds_the_post_and_the_password(monkeypatch):
    create(monkeypatch)
    user = User.objects.get(username="quantri")
    assert user.check_password(PASSWORD)
    assert (user.post.role, user.post.agency.code) == (Role.ADMINISTRATOR, "BCHQS")


def test_all_is_audited_without_the_password(monkeypatch):
    create(monkeypatch)
    verbs = Event.objects.order_by("seq").values_list("verb", flat=True)
    assert list(verbs) == ["agency.created", "user.created", "membership.created"]
    assert verification.verify().ok
    assert PASSWORD not in json.dumps(list(Event.objects.values("payload", "subject_label")))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"password": "ngan"}, "15"),
        ({"password": ""}, "15"),
        ({"code": "bchqs nhỏ"}, None),
        ({"name": "Đỗ\nQuân"}, None),
    ],
)
def test_bad_input_makes_nothing(monkeypatch, wrong, said):
    with pytest.raises(CommandError, match=said):
        create(monkeypatch, **wrong)
    assert not Agency.objects.exists()
    assert not User.objects.exists()


def test_portal_with_users_is_refused(monkeypatch, focal_point):
    with pytest.raises(CommandError):
        create(monkeypatch)
    assert not User.objects.filter(username="quantri").exists()
