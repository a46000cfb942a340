"""Addresses of the rating of agencies: the year and its steps, one agency's sheet and its steps."""

from django.urls import path

from tasks.views import rating_sheets, ratings

app_name = "ratings"

urlpatterns = [
    path("", ratings.listing, name="list"),
    path("<int:year>/", ratings.detail, name="detail"),
    path("<int:year>/prepare/", ratings.prepare, name="prepare"),
    path("<int:year>/criteria/", ratings.criteria, name="criteria"),
    path("<int:year>/propose/", ratings.propose, name="propose"),
    path("<int:year>/rewards/", ratings.rewards, name="rewards"),
    path("<int:year>/rewards/export/", ratings.export_rewards, name="export_rewards"),
    path("<int:year>/rewards/paper/", ratings.reward_paper, name="reward_paper"),
    path("<int:year>/export/", ratings.export, name="export"),
    path("<int:year>/paper/", ratings.paper, name="paper"),
    path("<int:year>/support/", ratings.support, name="support"),
    *(
        path(f"<int:year>/{name.replace('_', '-')}/", ratings.act, {"name": name}, name=name)
        for name in ratings.STEPS
    ),
    path("sheets/<int:pk>/", rating_sheets.sheet, name="sheet"),
    path("sheets/<int:pk>/score/", rating_sheets.score, name="score"),
    path("sheets/<int:pk>/verify/", rating_sheets.verify, name="verify"),
    path("points/<int:pk>/prove/", rating_sheets.prove, name="prove"),
    path("proofs/<int:pk>/drop/", rating_sheets.drop_proof, name="drop_proof"),
    path("points/<int:pk>/ask/", rating_sheets.ask_again, name="ask_again"),
    path("reexaminations/<int:pk>/", rating_sheets.answer, name="answer"),
    *(
        path(f"sheets/<int:pk>/{name.replace('_', '-')}/", rating_sheets.act, {"name": name}, name=name)
        for name in rating_sheets.STEPS
    ),
]
