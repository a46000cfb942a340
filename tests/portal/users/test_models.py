"""People and their posts."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from portal.users.models import SECOND_FACTOR_ROLES, Membership, Role, User
from tests.factories import AgencyFactory, MembershipFactory, UserFactory, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
D = dt.date


def again(user: User) -> User:
    """Read the user as the next request does."""
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "held"),
    [
        (D(2026, 3, 10), None, True),
        (D(2026, 3, 11), None, False),
        (D(2020, 1, 1), D(2026, 3, 10), True),
        (D(2020, 1, 1), D(2026, 3, 9), False),
    ],
)
def test_post_is_held_between_two_days(valid_from, valid_to, held):
    post = MembershipFactory(valid_from=valid_from, valid_to=valid_to)
    user = again(post.user)
    assert (user.post == post) == held
    assert (user.role == Role.FOCAL_POINT) == held
    assert (user.agency_id == post.agency_id) == held


def test_the_newest_post_wins(department, outside):
    user = person("a", Role.FOCAL_POINT, outside)
    user.memberships.update(valid_to=D(2030, 1, 1))
    MembershipFactory(user=user, agency=department, role=Role.AGENCY_HEAD, valid_from=D(2026, 3, 1))
    assert again(user).post.agency == department


def test_post_takes_one_query(head, django_assert_num_queries):
    user = again(head)
    with django_assert_num_queries(1):
        assert user.post.agency.code == "SXD"
        assert user.role == Role.AGENCY_HEAD


def test_an_agency_has_one_head(head, department):
    with pytest.raises(IntegrityError), transaction.atomic():
        person("second", Role.AGENCY_HEAD, department)
    head.memberships.update(valid_to=D(2026, 1, 1))
    person("successor", Role.AGENCY_HEAD, department)


def test_a_person_holds_one_open_post(head, outside):
    with pytest.raises(IntegrityError), transaction.atomic():
        MembershipFactory(user=head, agency=outside)


def test_post_ends_after_it_begins():
    with pytest.raises(IntegrityError), transaction.atomic():
        MembershipFactory(valid_to=D(2019, 1, 1))


def test_only_the_administrator_opens_the_admin(cast):
    opens = {name for name in vars(cast) if getattr(cast, name).is_staff}
    assert opens == {"admin"}
    cast.admin.is_active = False
    assert not cast.admin.is_staff


def test_rank_stands_before_the_name():
    assert UserFactory(full_name="Phùng Gia Thụ", rank="Đại tá").get_full_name() == "Đại tá Phùng Gia Thụ"
    assert UserFactory(full_name="Đàm Thục Nhi").get_full_name() == "Đàm Thục Nhi"


def test_lists_sort_by_given_name():
    for name in ("Nguyễn Văn An", "Đỗ Thị Ánh", "Bùi Văn Yên", "Lê Đức Bình"):
        UserFactory(full_name=name)
    by_name = User.objects.order_by("name_sort_key").values_list("full_name", flat=True)
    assert list(by_name) == ["Nguyễn Văn An", "Đỗ Thị Ánh", "Lê Đức Bình", "Bùi Văn Yên"]


# --- Nobody gets in without -----------------------------------------------------------------------------
def test_without_post_nothing_opens(client):
    client.force_login(UserFactory())
    assert client.get("/assignments/").status_code == 403


def test_ended_post_closes_at_the_next_request(focal_point, login):
    client = login(focal_point)
    assert client.get("/assignments/").status_code == 200
    Membership.objects.filter(user=focal_point).update(valid_to=D(2026, 3, 9))
    assert client.get("/assignments/").url == "/login/?next=/assignments/"
    assert login(User.objects.get(pk=focal_point.pk)).get("/assignments/").status_code == 403


@pytest.mark.parametrize("role", Role)
def test_posts_that_need_a_second_factor_enrol_first(client, role):
    client.force_login(person("a", role, AgencyFactory()))
    response = client.get("/assignments/")
    if role in SECOND_FACTOR_ROLES:
        assert response.status_code == 302
        assert response.url == "/account/second-factor/set-up/"
    else:
        assert response.status_code == 200


def test_post_that_sees_every_agency_is_of_one_agency_alone():
    officer = MembershipFactory(role=Role.PROGRAMME_OFFICER)
    clerk = MembershipFactory.build(
        user=UserFactory(), agency=AgencyFactory(), role=Role.RECORDS_CLERK, valid_from=D(2026, 3, 1)
    )
    with pytest.raises(ValidationError, match="cơ quan chủ trì chương trình"):
        clerk.full_clean()
    clerk.agency = officer.agency
    clerk.full_clean()
