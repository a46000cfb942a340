"""Every address of the portal, by the layer that answers it."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

handler400 = "portal.dashboards.views.errors.bad_request"
handler403 = "portal.dashboards.views.errors.forbidden"
handler404 = "portal.dashboards.views.errors.not_found"
handler500 = "portal.dashboards.views.errors.server_error"

urlpatterns = [
    path("", include("portal.dashboards.urls")),
    path("assignments/", include("tasks.urls")),
    path("extensions/", include("tasks.extension_urls")),
    path("indicators/", include("tasks.indicator_urls")),
    path("reports/", include("tasks.report_urls")),
    path("consolidations/", include("tasks.consolidation_urls")),
    path("reviews/", include("tasks.period_review_urls")),
    path("comments/", include("tasks.comment_urls")),
    path("cooperations/", include("tasks.cooperation_urls")),
    path("paper-entries/", include("tasks.paper_urls")),
    path("lights/", include("tasks.light_urls")),
    path("urgings/", include("tasks.urging_urls")),
    path("ratings/", include("tasks.rating_urls")),
    path("years/", include("tasks.year_urls")),
    path("shortcomings/", include("tasks.shortcoming_urls")),
    path("proposals/", include("tasks.proposal_urls")),
    path("schemes/", include("tasks.scheme_urls")),
    path("papers/", include("tasks.year_paper_urls")),
    path("drafting/", include("tasks.draft_urls")),
    path("agreements/", include("agreements.urls")),
    path("consultations/", include("agreements.consultation_urls")),
    path("conferences/", include("agreements.conference_urls")),
    path("groups/", include("agreements.group_urls")),
    path("verify/", include("agreements.verify_urls")),
    path("pki/", include("agreements.pki_urls")),
    path("notices/", include("portal.notices.urls")),
    path("people/", include("portal.users.people_urls")),
    path("", include("portal.operations.urls")),
    path("", include("portal.users.account_urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("admin/", admin.site.urls),
]
