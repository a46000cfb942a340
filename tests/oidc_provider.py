"""A real OpenID Connect provider (django-oauth-toolkit, RS256, PKCE) as a process of its own.

`people.json` in its folder says who can sign in there and what the provider says of them; it is read
anew for each answer, so that a test can let the provider lie. Password of everybody: their own name.

    python -m tests.oidc_provider PORT FOLDER
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.servers import free_port, wait_for_port

CLIENT_ID, CLIENT_SECRET = "portal", "a-secret-of-the-test-run"


@dataclass(frozen=True)
class Provider:
    port: int
    folder: Path

    @property
    def host(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def issuer(self) -> str:
        return f"{self.host}/o"

    def settings(self) -> dict[str, str]:
        """Return what the portal is told about the provider."""
        return {
            "OIDC_ISSUER": self.issuer,
            "OIDC_NAME": "tài khoản của tỉnh",
            "OIDC_CLIENT_ID": CLIENT_ID,
            "OIDC_CLIENT_SECRET": CLIENT_SECRET,
        }

    def know(self, name: str, **claims: Any) -> None:
        """Let a person of this name exist there, with what the provider says of them."""
        file = self.folder / "people.json"
        people = json.loads(file.read_text()) if file.exists() else {}
        file.write_text(json.dumps(people | {name: claims}))
        requests.post(f"{self.host}/people/", data={"name": name}, timeout=10).raise_for_status()

    def allow(self, callback: str) -> None:
        """Let the provider send people back to this address."""
        requests.post(f"{self.host}/callbacks/", data={"callback": callback}, timeout=10).raise_for_status()

    def walk(self, address: str, name: str) -> str:
        """Sign in there as a browser does, following its pages; return the address it leads back to."""
        with requests.Session() as browser:
            page = browser.get(address, timeout=10)
            form = {"username": name, "password": name}
            form["csrfmiddlewaretoken"] = browser.cookies["csrftoken"]
            answer = browser.post(page.url, data=form, timeout=10, allow_redirects=False)
            while answer.headers["Location"].startswith(("/", self.host)):
                to = requests.compat.urljoin(self.host, answer.headers["Location"])
                answer = browser.get(to, timeout=10, allow_redirects=False)
            return answer.headers["Location"]


@contextmanager
def running(folder: Path) -> Iterator[Provider]:
    """Run a provider on a free port of the loopback address."""
    provider = Provider(free_port(), folder)
    with (folder / "provider.log").open("w") as log:
        command = [sys.executable, "-m", "tests.oidc_provider", str(provider.port), str(folder)]
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=Path(__file__).parents[1])
        try:
            wait_for_port(provider.port, seconds=60)
            yield provider
        finally:
            process.terminate()
            process.wait(20)


# --- The process ---------------------------------------------------------------------------------------
LOGIN = '<form method="post">{% csrf_token %}{{ form }}<button>Sign in</button></form>'


def serve(port: int, folder: Path) -> None:
    """Make the provider's database and answer requests until the process ends."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from django.conf import settings

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    settings.configure(
        SECRET_KEY="provider-of-the-test-run",
        ALLOWED_HOSTS=["localhost"],
        ROOT_URLCONF="tests.oidc_provider",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "provider.sqlite3"}},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [("django.template.loaders.locmem.Loader", {"registration/login.html": LOGIN})]
                },
            }
        ],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        SESSION_COOKIE_NAME="provider",
        LOGIN_URL="/login/",
        USE_TZ=True,
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_ISS_ENDPOINT": f"http://localhost:{port}/o",
            "OIDC_RSA_PRIVATE_KEY": key.private_bytes(encoding, form, serialization.NoEncryption()).decode(),
            "OAUTH2_VALIDATOR_CLASS": "tests.oidc_claims.Validator",
            "SCOPES": {"openid": "", "profile": "", "email": ""},
            "PKCE_REQUIRED": True,
        },
        PEOPLE=folder / "people.json",
    )
    import django

    django.setup()
    from django.core.management import call_command
    from oauth2_provider.models import Application

    call_command("migrate", verbosity=0)
    Application.objects.create(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        client_type="confidential",
        authorization_grant_type="authorization-code",
        algorithm="RS256",
        skip_authorization=True,
    )
    call_command("runserver", f"localhost:{port}", use_reloader=False)


def __getattr__(name: str) -> Any:
    """Make the addresses when Django asks for them: only then is the provider configured."""
    if name != "urlpatterns":
        raise AttributeError(name)
    from django.contrib.auth.models import User
    from django.contrib.auth.views import LoginView
    from django.http import HttpRequest, HttpResponse
    from django.urls import include, path
    from django.views.decorators.csrf import csrf_exempt
    from oauth2_provider.models import Application

    @csrf_exempt
    def people(request: HttpRequest) -> HttpResponse:
        person, _made = User.objects.get_or_create(username=request.POST["name"])
        person.set_password(person.username)
        person.save()
        return HttpResponse()

    @csrf_exempt
    def callbacks(request: HttpRequest) -> HttpResponse:
        client = Application.objects.get()
        client.redirect_uris = f"{client.redirect_uris} {request.POST['callback']}".strip()
        client.save()
        return HttpResponse()

    return [
        path("favicon.ico", lambda _request: HttpResponse(status=204)),  # browsers ask for it
        path("login/", LoginView.as_view()),
        path("people/", people),
        path("callbacks/", callbacks),
        path("o/", include("oauth2_provider.urls")),
    ]


if __name__ == "__main__":
    sys.modules["tests.oidc_provider"] = sys.modules[__name__]
    serve(int(sys.argv[1]), Path(sys.argv[2]))
