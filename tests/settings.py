"""Settings of a test run: the portal's own, on a scratch folder and with fixed secrets.

pytest-django reads the settings before any conftest, so the environment is prepared here.
`DATABASE_URL` is kept: the same tests run on SQLite and on PostgreSQL.
"""

import os
import tempfile

_folder = tempfile.TemporaryDirectory(prefix="portal-test-")  # removed when the process ends
os.environ["DATA_DIR"] = _folder.name
os.environ["SECRET_KEY"] = "tests-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH"
os.environ["KEY_ENCRYPTION_KEY"] = "tests-only-key-encryption-key-0123456789"
os.environ["PUBLIC_URL"] = "http://localhost"
os.environ["ALLOWED_HOSTS"] = "localhost,127.0.0.1"
os.environ["DEMO"] = os.environ["DEMO_PUBLIC"] = "0"
os.environ["REDIS_URL"] = os.environ["EMAIL_URL"] = ""

from portal.settings import *  # noqa: E402, F403 - the environment must be ready first

# Pages are rendered without `collectstatic`, and hashing passwords well takes most of a small test.
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = (
    True  # look for a file when it is asked for, not for all of them with each new Client
)
STATIC_ROOT.mkdir()  # noqa: F405 - WhiteNoise warns about a missing folder
