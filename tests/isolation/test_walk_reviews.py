"""A review through real pages with the second wall up: what is approved is read by parties and viewers."""

import pytest
from django.urls import reverse

from portal.notices.models import Notice
from portal.users.models import User
from tasks.models import ApprovedReview
from tests.factories import TODAY
from tests.isolation.test_walk import signed_in
from tests.tasks import reviewing

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("now")]


def test_a_review_is_drafted_frozen_approved_numbered_and_read(programme, cast):
    period = reviewing.half(programme)

    def press(user: User, name: str, *more: str, **sent: str) -> None:
        path = reverse(f"reviews:{name}", args=[period.pk, *more])
        assert signed_in(user).post(path, sent).status_code == 302, name

    press(cast.officer, "draft")
    for section, words in reviewing.WRITTEN.items():
        press(cast.officer, "add", section, text=words)
    press(cast.officer, "refresh", version="3")
    press(cast.officer, "freeze", version="4")
    address = reverse("reviews:detail", args=[period.pk])
    assert signed_in(cast.head).get(address).status_code == 404
    press(cast.commander, "approve", version="5")
    press(cast.clerk, "number", number="12", issued_on=TODAY.isoformat())
    assert ApprovedReview.objects.get().number == "12"
    assert Notice.objects.filter(kind="review.approved", recipient=cast.head).exists()
    for reader in (cast.head, cast.viewer):
        assert "Giao việc phải rõ thời hạn." in signed_in(reader).get(address).content.decode()
    assert signed_in(cast.stranger).get(address).status_code == 404
