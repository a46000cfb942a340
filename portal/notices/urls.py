"""Addresses of notices; those of mails answer in the demonstration only."""

from django.urls import path

from portal.notices import views

app_name = "notices"
urlpatterns = [
    path("", views.notice_list, name="list"),
    path("read/", views.read_all, name="read_all"),
    path("<int:pk>/open/", views.open_notice, name="open"),
    path("mail/", views.mail_list, name="mail_list"),
    path("mail/<str:key>/", views.mail, name="mail"),
]
