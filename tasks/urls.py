"""Addresses of assignments: the list, one, and a POST address for each step."""

from django.urls import path

from tasks.views import assignments, citations, evidence, histories
from tasks.views.steps import STEPS

app_name = "assignments"

urlpatterns = [
    path("", assignments.listing, name="list"),
    path("export/", assignments.export, name="export"),
    path("<int:pk>/", assignments.detail, name="detail"),
    path("<int:pk>/history/", histories.history, name="history"),
    path("<int:pk>/source/", citations.source, name="source"),
    path("<int:pk>/products/", citations.name, name="name_product"),
    path("<int:pk>/products/<int:product_pk>/drop/", citations.drop, name="drop_product"),
    path("<int:pk>/evidence/", evidence.add, name="add_evidence"),
    path("<int:pk>/evidence/<int:evidence_pk>/", evidence.download, name="evidence"),
    *(
        path(
            f"<int:pk>/evidence/<int:evidence_pk>/{name}/",
            evidence.end,
            {"name": name},
            name=f"{name}_evidence",
        )
        for name in evidence.ENDINGS
    ),
    *(
        path(f"<int:pk>/{name.replace('_', '-')}/", assignments.act, {"name": name}, name=name)
        for name in STEPS
    ),
]
