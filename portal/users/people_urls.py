"""Addresses of people: who they are, how they come in, and in again."""

from django.urls import path

from portal.users.views import people, recoveries

app_name = "people"

urlpatterns = [
    path("", people.people, name="list"),
    path("invite/", people.invite, name="invite"),
    path("<int:pk>/", people.person, name="person"),
    path("<int:pk>/send/", people.send, name="send"),
    path("<int:pk>/unbind/", people.unbind, name="unbind"),
    path("invitations/<int:pk>/revoke/", people.revoke, name="revoke"),
    path("lost-factors/", recoveries.lost_factors, name="lost_factors"),
    path("lost-factors/<int:pk>/approve/", recoveries.approve, name="approve_recovery"),
    path("lost-factors/<int:pk>/code/", recoveries.show_code, name="show_recovery_code"),
    path("lost-factors/<int:pk>/cancel/", recoveries.cancel, name="cancel_recovery"),
]
