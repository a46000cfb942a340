"""Addresses of interim and annual reviews, by the key of the period: reading, editing, each step."""

from django.urls import path

from tasks.views import period_reviews

app_name = "reviews"

urlpatterns = [
    path("", period_reviews.listing, name="list"),
    path("<int:pk>/", period_reviews.detail, name="detail"),
    path("<int:pk>/compare/", period_reviews.compare, name="compare"),
    path("<int:pk>/paper/", period_reviews.paper, name="paper"),
    path("<int:pk>/draft/", period_reviews.draft, name="draft"),
    path("<int:pk>/sections/<slug:slug>/", period_reviews.section, name="section"),
    path("<int:pk>/sections/<slug:slug>/save/", period_reviews.save, name="save"),
    path("<int:pk>/sections/<slug:slug>/add/", period_reviews.add, name="add"),
    *(
        path(f"<int:pk>/{name.replace('_', '-')}/", period_reviews.act, {"name": name}, name=name)
        for name in period_reviews.STEPS
    ),
    path("<int:pk>/number/", period_reviews.number, name="number"),
]
