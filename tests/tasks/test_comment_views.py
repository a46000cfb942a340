"""Pages of conversations, as a browser gets them."""

import datetime as dt

import pytest
from django.urls import reverse

from tasks import comments
from tasks.models import Clause, Comment
from tests.factories import NOW
from tests.tasks import reporting
from tests.tasks.extending import fresh
from tests.tasks.reporting import of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
TEXT = "Đề nghị cho ý kiến trước thứ sáu."


@pytest.fixture
def report(programme):
    reporting.first_quarter(programme)
    return of("SXD")


def url(thing):
    return reverse(f"comments:{thing._meta.model_name}", args=[thing.pk])


def say(subject, by, text=TEXT, **given):
    return comments.add(subject, by=by, text=text, **({"at": NOW} | given))


def body(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_comment_is_written_and_stands_on_the_page_of_its_thing(assignment, focal_point, officer, login):
    client = login(focal_point)
    assert "Chưa có ý kiến trao đổi" in body(client, url(assignment))
    odd = client.post(url(assignment), {"text": TEXT, "mentioned": ["²", "9" * 5000]})
    assert odd.status_code == 400
    answer = client.post(url(assignment), {"text": TEXT, "mentioned": [str(officer.pk)]})
    assert (answer.status_code, answer.url) == (302, url(assignment))
    client = login(officer)
    shown = body(client, url(assignment))
    assert TEXT in shown
    assert f"@{officer.get_full_name()}" in shown
    shown = body(client, assignment.get_absolute_url())
    assert TEXT in shown
    assert url(assignment) in shown


def test_a_report_and_a_clause_have_theirs(programme, report, focal_point, login):
    client, clause = login(focal_point), Clause.objects.get()
    for thing in (report, clause):
        assert client.post(url(thing), {"text": TEXT}).status_code == 302
    assert TEXT in body(client, report.get_absolute_url())
    assert url(clause) in body(client, f"/programmes/{programme.year}/")
    assert "Trao đổi (1)" in body(client, f"/programmes/{programme.year}/")


def test_others_learn_nothing_of_it(assignment, focal_point, viewer, admin, stranger, login):
    say(fresh(assignment), focal_point)
    for user, status in ((viewer, 403), (admin, 403), (stranger, 404)):
        client = login(user)
        assert client.get(url(assignment)).status_code == status
        assert client.post(url(assignment), {"text": TEXT}).status_code == status
    assert TEXT not in body(login(viewer), assignment.get_absolute_url())


def test_the_clerk_reads_without_a_form(assignment, clerk, login):
    client = login(clerk)
    assert client.get(url(assignment)).context["form"] is None
    assert client.post(url(assignment), {"text": TEXT}).status_code == 403


def test_a_refused_comment_keeps_words_and_boxes(assignment, focal_point, officer, login):
    sent = {"text": TEXT, "mentioned": [str(officer.pk)], "is_internal": "on"}
    answer = login(focal_point).post(url(assignment), sent)
    text = answer.content.decode()
    assert answer.status_code == 400
    assert TEXT in text
    assert f'value="{officer.pk}" id="mention-{officer.pk}" checked' in text
    assert not Comment.objects.exists()


def test_what_is_written_is_text_and_addresses_are_links(assignment, focal_point, login):
    words = "<script>alert(1)</script>\nxem https://example.vn/?a=1&b=2 và javascript:alert(1)"
    say(fresh(assignment), focal_point, text=words)
    shown = body(login(focal_point), url(assignment))
    assert "&lt;script&gt;alert(1)" in shown
    assert '<a href="https://example.vn/?a=1&amp;b=2" rel="nofollow">' in shown
    assert 'href="javascript' not in shown


def test_a_comment_is_mended_by_its_form(assignment, focal_point, head, login):
    row = say(fresh(assignment), focal_point, at=NOW - dt.timedelta(minutes=5))
    edit = reverse("comments:edit", args=[row.pk])
    client = login(focal_point)
    assert edit in body(client, url(assignment))
    assert client.get(edit).context["form"].initial["text"] == TEXT
    sent = {"text": "Lời mới", "version": comments.version_of(row)}
    assert client.post(edit, sent).url == f"{url(assignment)}#comment-{row.pk}"
    answer = client.post(edit, sent | {"text": "Từ trang cũ"})
    assert answer.status_code == 400
    assert "Từ trang cũ" in answer.content.decode()
    assert "Lời mới" in answer.content.decode()
    assert login(head).get(edit).status_code == 403


def test_a_deleted_comment_leaves_its_trace(assignment, focal_point, officer, stranger, login):
    row = say(fresh(assignment), focal_point)
    delete = reverse("comments:delete", args=[row.pk])
    assert login(stranger).post(delete).status_code == 404
    assert login(officer).post(delete).url == url(assignment)
    shown = body(login(focal_point), url(assignment))
    assert TEXT not in shown
    assert f"Đã xóa: {officer.get_full_name()}" in shown
    assert delete not in shown


def test_a_thread_takes_a_fixed_number_of_queries(
    assignment, focal_point, officer, login, django_assert_num_queries
):
    thing, client = fresh(assignment), login(focal_point)
    say(thing, focal_point, mentioned=[officer.pk])
    client.get(url(assignment))
    with django_assert_num_queries(14):
        client.get(url(assignment))
    for _number in range(5):
        say(thing, officer, mentioned=[focal_point.pk])
    with django_assert_num_queries(14):
        client.get(url(assignment))
