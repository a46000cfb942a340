"""What the portal's authority publishes; certificates name these addresses, so they stay."""

from django.urls import path

from agreements.views import authorities

urlpatterns = [
    path("", authorities.authorities, name="authorities"),
    path("<slug:key_id>.crt", authorities.certificate, name="authority_certificate"),
    path("<slug:key_id>.crl", authorities.revocation_list, name="revocation_list"),
]
