"""Addresses of notices; those of mails answer in the demonstration only."""

from django.urls import path

from portal.notices.views import operators, pages

app_name = "notices"
urlpatterns = [
    path("", pages.notice_list, name="list"),
    path("read/", pages.read_all, name="read_all"),
    path("<int:pk>/open/", pages.open_notice, name="open"),
    path("<int:pk>/take-on/", pages.take_on, name="take_on"),
    path("preferences/", pages.preferences, name="preferences"),
    path("calendar-link/", pages.make_calendar_link, name="make_calendar_link"),
    path("calendar-link/withdraw/", pages.withdraw_calendar_link, name="withdraw_calendar_link"),
    path("phone/", pages.ask_phone, name="ask_phone"),
    path("phone/confirm/", pages.confirm_phone, name="confirm_phone"),
    path("phone/withdraw/", pages.withdraw_phone, name="withdraw_phone"),
    path("coming/", operators.coming, name="coming"),
    path("undelivered/", operators.undelivered, name="undelivered"),
    path("undelivered/send-again/", operators.send_all_again, name="send_all_again"),
    path("undelivered/<int:pk>/send-again/", operators.send_again, name="send_again"),
    path("mail/", pages.mail_list, name="mail_list"),
    path("mail/<str:key>/", pages.mail, name="mail"),
]
