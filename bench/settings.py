"""The portal's settings with the bare view beside its addresses."""

from portal.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
