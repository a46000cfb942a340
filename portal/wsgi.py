"""WSGI entry of the portal."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()

from portal.lib import walls  # noqa: E402 - models exist only from here on
from portal.operations.marks import refuse_wrong_mode  # noqa: E402

refuse_wrong_mode()
walls.close()
