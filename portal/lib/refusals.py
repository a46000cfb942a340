"""What the settings refuse before anything starts; each refusal is one line that says what to mend.

Uses nothing of Django's but the exception: the settings are not there yet.
"""

import re
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
FEWEST_CHARACTERS = 12  # different ones in a secret
SAMPLES = ("change-me", "changeme", "django-insecure", "example", "secret-key", "password", "xxxx")


def weak_secret(name: str, value: str, *, length: int) -> None:
    """Refuse a secret that is short, simple or copied from a paper."""
    is_sample = any(sample in value.lower() for sample in SAMPLES)
    if len(value) < length or len(set(value)) < FEWEST_CHARACTERS or is_sample:
        raise ImproperlyConfigured(
            f"{name} is too short, too simple or a sample value: set a random one of {length} characters."
        )


def shared_secrets(secret_key: str, fallbacks: list[str], key_encryption_key: str) -> None:
    """Refuse two secrets of one value: who reads the one would have the other."""
    if secret_key == key_encryption_key:
        raise ImproperlyConfigured("SECRET_KEY and KEY_ENCRYPTION_KEY are the same: set two random values.")
    if secret_key in fallbacks or key_encryption_key in fallbacks:
        raise ImproperlyConfigured(
            "SECRET_KEY_FALLBACKS holds a secret that is in use: list retired ones only."
        )


def open_file(path: Path) -> None:
    """Refuse a secret's file that others on this machine may read."""
    if path.stat().st_mode & 0o077:
        raise ImproperlyConfigured(f"{path} can be read by others: chmod 600 {path}")


def debug(value: str) -> None:
    """Refuse a wish for debugging pages: they show settings and data."""
    if value.strip().lower() in {"1", "true", "yes", "on"}:
        raise ImproperlyConfigured("DEBUG is not available here, it shows data to strangers: leave it out.")


def hosts(allowed: list[str], public_url: str) -> None:
    """Refuse names that stand for many hosts, and an address for people that would not be answered."""
    for name in allowed:
        if "*" in name or name.startswith("."):
            raise ImproperlyConfigured(
                f"ALLOWED_HOSTS must name each host; a wildcard is not accepted: {name}"
            )
        if not HOST.fullmatch(name.lower()):
            raise ImproperlyConfigured(f"ALLOWED_HOSTS holds names without scheme or port, not {name!r}.")
    host = _host_of(public_url)
    if host.lower() not in {name.lower() for name in allowed}:
        raise ImproperlyConfigured(f"ALLOWED_HOSTS must hold {host}, the host of PUBLIC_URL.")


def open_to_the_network(allowed: list[str], public_url: str) -> None:
    """Refuse plain http where the portal answers by a name that other machines can use."""
    named = next((name for name in [*allowed, _host_of(public_url)] if not is_loopback_name(name)), None)
    if named and not public_url.startswith("https://"):
        raise ImproperlyConfigured(
            f"PUBLIC_URL must be https:// when the portal answers as {named}; plain http is for localhost."
        )


def demonstration(allowed: list[str], public_url: str) -> None:
    """Refuse names of the network for the demonstration, whose password is printed."""
    named = next((name for name in [*allowed, _host_of(public_url)] if not is_loopback_name(name)), None)
    if named:
        raise ImproperlyConfigured(
            f"The demonstration answers this machine only, not as {named}: set ALLOWED_HOSTS and PUBLIC_URL"
            " to localhost, or DEMO_PUBLIC=1 for a random password."
        )


def is_loopback_name(name: str) -> bool:
    """Return whether a host name means this machine to every browser."""
    plain = name.lower().strip("[]")
    if plain == "localhost" or plain.endswith(".localhost"):
        return True
    return is_loopback_address(plain)


def is_loopback_address(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _host_of(public_url: str) -> str:
    """Return the host of PUBLIC_URL, brackets included; refuse what is more or less than scheme and host."""
    try:
        parts = urlsplit(public_url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not host or parts.path or parts.query or parts.username:
        raise ImproperlyConfigured(
            "PUBLIC_URL is the portal's address without a path: https://portal.example.vn"
        )
    return f"[{host}]" if ":" in host else host
