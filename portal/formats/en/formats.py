"""English as the portal's second language: the order of a date stays the Vietnamese one."""

from portal.formats.vi.formats import *  # noqa: F403 - one source for both languages
