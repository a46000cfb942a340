"""Addresses of conversations: of an assignment, a clause, a report; and of one comment."""

from django.urls import path

from tasks.views import comments

app_name = "comments"

urlpatterns = [
    *(
        path(f"{kind}s/<int:pk>/", comments.thread, {"kind": kind}, name=kind)
        for kind in ("assignment", "clause", "report")
    ),
    path("<int:pk>/edit/", comments.edit, name="edit"),
    path("<int:pk>/delete/", comments.delete, name="delete"),
]
