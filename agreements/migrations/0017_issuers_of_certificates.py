"""Certificates say which issuing CA made them: read from their authority key identifier."""

from cryptography import x509
from django.db import migrations


def fill(apps, schema_editor):
    Certificate = apps.get_model("agreements", "Certificate")
    for row in Certificate.objects.filter(issuer_key_id="").only("pk", "der").iterator():
        parsed = x509.load_der_x509_certificate(bytes(row.der))
        found = parsed.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
        Certificate.objects.filter(pk=row.pk).update(issuer_key_id=found.key_identifier.hex())


class Migration(migrations.Migration):
    dependencies = [("agreements", "0016_publication")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
