"""Whether this machine's clock follows another one: signatures and time-stamps say what it says."""

import ctypes
import enum
import sys

TIME_ERROR = 5  # <sys/timex.h>: the clock is not synchronised
SIZE = 1024  # bytes; struct timex takes 208


class Clock(enum.Enum):
    """What the system says; it does not say that the time is right."""

    YES = "synchronised"
    NO = "not synchronised"
    CANNOT_TELL = "cannot tell"


def synchronised() -> Clock:
    """Ask the kernel, whom chrony, ntpd and systemd-timesyncd tell; `timedatectl` asks the same.

    The question changes nothing and needs no right. A container has the clock of its host.
    """
    if sys.platform != "linux":
        return Clock.CANNOT_TELL
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(SIZE))
    except (OSError, AttributeError):
        return Clock.CANNOT_TELL
    if state < 0:
        return Clock.CANNOT_TELL
    return Clock.NO if state == TIME_ERROR else Clock.YES
