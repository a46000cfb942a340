"""Pages that show nouns of several apps."""

from django.urls import include, path

from portal.dashboards.views import agencies, agency_changes, feeds, handovers, home, programmes, trail

programme_urls = [
    path("", programmes.listing, name="list"),
    path("<int:year>/", programmes.detail, name="detail"),
    path("<int:year>/settle/", programmes.settle, name="settle"),
    path("<int:year>/reopen/", programmes.reopen, name="reopen"),
    path("<int:year>/close/", programmes.close, name="close"),
    path("<int:year>/terminate/", programmes.terminate, name="terminate"),
    path("<int:year>/review/", programmes.review, name="review"),
    path("<int:year>/periods/", programmes.make_periods, name="make_periods"),
]
trail_urls = [path("", trail.listing, name="list"), path("export/", trail.export, name="export")]
agency_urls = [path("<slug:code>/", agencies.detail, name="detail")]
handover_urls = [
    path("", handovers.listing, name="list"),
    path("new/", handovers.new, name="new"),
    path("<int:pk>/undo/", handovers.undo, name="undo"),
]

change_urls = [
    path("", agency_changes.listing, name="list"),
    path("new/", agency_changes.new, name="new"),
    path("<int:pk>/", agency_changes.detail, name="detail"),
    path("<int:pk>/edit/", agency_changes.edit, name="edit"),
    path("<int:pk>/successor/", agency_changes.successor, name="successor"),
    path("<int:pk>/choose/", agency_changes.choose, name="choose"),
    path("<int:pk>/propose/", agency_changes.propose, name="propose"),
    path("<int:pk>/take-back/", agency_changes.take_back, name="take_back"),
    path("<int:pk>/discard/", agency_changes.discard, name="discard"),
    path("<int:pk>/confirm/", agency_changes.confirm, name="confirm"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("styleguide/", home.styleguide, name="styleguide"),
    path("calendar/<str:token>.ics", feeds.calendar, name="calendar"),
    path("programmes/", include((programme_urls, "programmes"))),
    path("agencies/", include((agency_urls, "agencies"))),
    path("hand-overs/", include((handover_urls, "handovers"))),
    path("agency-changes/", include((change_urls, "agency_changes"))),
    path("audit/", include((trail_urls, "audit"))),
]
