"""Addresses of conferences."""

from django.urls import path

from agreements.views import briefings, conference_answers, conferences, minutes

app_name = "conferences"

urlpatterns = [
    path("", conferences.listing, name="list"),
    path("new/<int:year>/", conferences.prepare, name="new"),
    path("<int:pk>/", conferences.detail, name="detail"),
    path("<int:pk>/edit/", conferences.edit, name="edit"),
    path("<int:pk>/invite/", conferences.invite, name="invite"),
    path("<int:pk>/call-off/", conferences.call_off, name="call_off"),
    path("<int:pk>/delegates/", conferences.delegates, name="delegates"),
    path("<int:pk>/delegates/export/", conferences.export, name="export"),
    path("<int:pk>/attendance/", conferences.attendance, name="attendance"),
    path("<int:pk>/door/", conferences.door, name="door"),
    path("<int:pk>/arrive/<slug:key>/", conference_answers.arrive, name="arrive"),
    path("<int:pk>/agencies/<slug:code>/", conference_answers.agency, name="agency"),
    path("<int:pk>/agencies/<slug:code>/letter/", conference_answers.letter, name="letter"),
    *(
        path(f"<int:pk>/agencies/<slug:code>/{name}/", conference_answers.answer, {"name": name}, name=name)
        for name in conference_answers.STEPS
    ),
    path(
        "<int:pk>/delegates/<int:attendance_pk>/withdraw/",
        conference_answers.withdraw,
        name="withdraw_delegate",
    ),
    path(
        "<int:pk>/contributions/<int:contribution_pk>/withdraw/",
        conference_answers.take_back,
        name="take_back",
    ),
    path("<int:pk>/briefing/", briefings.detail, name="briefing"),
    path("<int:pk>/briefing/hold/", briefings.hold, name="hold"),
    path("<int:pk>/briefing/paper/", briefings.paper, name="briefing_paper"),
    path("<int:pk>/briefing/notice/", briefings.notice, name="briefing_notice"),
    path("<int:pk>/conclusions/", minutes.conclusions, name="conclusions"),
    *(
        path(f"<int:pk>/conclusions/<int:conclusion_pk>/{name}/", minutes.settle, {"name": name}, name=name)
        for name in minutes.SETTLE
    ),
    path("<int:pk>/minutes/", minutes.detail, name="minutes"),
    path("<int:pk>/minutes/write/", minutes.write, name="write_minutes"),
    path("<int:pk>/minutes/paper/", minutes.paper, name="minutes_paper"),
    *(
        path(f"<int:pk>/minutes/{name}/", minutes.act, {"name": name}, name=f"{name}_minutes")
        for name in minutes.STEPS
    ),
]
