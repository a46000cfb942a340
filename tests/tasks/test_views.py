"""The pages of assignments, as a browser gets them."""

import pytest
from django.urls import reverse

from tasks.models import Assignment

pytestmark = pytest.mark.usefixtures("now")


def url(assignment, step="detail"):
    return reverse(f"assignments:{step}", args=[assignment.pk])


def test_list_opens(cast, programme, login):
    response = login(cast.focal_point).get("/assignments/")
    assert response.status_code == 200
    assert len(response.context["page"].object_list) == 3


def test_detail_opens_for_everybody_of_a_party(cast, assignment, login):
    for name in ("officer", "commander", "clerk", "admin", "front_head", "head", "focal_point", "viewer"):
        assert login(getattr(cast, name)).get(url(assignment)).status_code == 200, name
