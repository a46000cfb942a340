"""Pages that show nouns of several apps."""

from django.urls import include, path

from portal.dashboards.views import agencies, home, programmes

programme_urls = [
    path("", programmes.listing, name="list"),
    path("<int:year>/", programmes.detail, name="detail"),
]
agency_urls = [path("<slug:code>/", agencies.detail, name="detail")]

urlpatterns = [
    path("", home.home, name="home"),
    path("styleguide/", home.styleguide, name="styleguide"),
    path("programmes/", include((programme_urls, "programmes"))),
    path("agencies/", include((agency_urls, "agencies"))),
]
