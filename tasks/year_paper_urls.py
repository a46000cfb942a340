"""Addresses of the register of papers of the year."""

from django.urls import path

from tasks.views import year_papers

app_name = "papers"

urlpatterns = [
    path("", year_papers.listing, name="list"),
    path("new/<int:year>/", year_papers.enter, name="new"),
    path("<int:pk>/", year_papers.detail, name="detail"),
    path("<int:pk>/amend/", year_papers.amend, name="amend"),
    path("<int:pk>/file/", year_papers.download, name="file"),
    path("<int:pk>/put/", year_papers.put, name="put"),
    path("<int:pk>/strike/", year_papers.strike, name="strike"),
    path("<int:pk>/recall/", year_papers.recall, name="recall"),
]
