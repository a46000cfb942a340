"""Addresses of the turn of the year: a programme is begun, looked through, and what is unfinished decided."""

from django.urls import path

from tasks.views import years

app_name = "years"

urlpatterns = [
    path("begin/", years.begin, name="begin"),
    path("<int:year>/points/", years.points, name="points"),
    path("<int:year>/points/agencies/", years.agencies, name="agencies"),
    path("<int:year>/points/days/", years.days, name="days"),
    *(
        path(f"<int:year>/points/{name.replace('_', '-')}/", years.settle_point, {"name": name}, name=name)
        for name in years.STEPS
    ),
    path("<int:year>/unfinished/", years.unfinished, name="unfinished"),
    path("decisions/<int:pk>/take-back/", years.take_back, name="take_back"),
]
