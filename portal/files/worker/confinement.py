"""Take the file system away from this process: it reads the interpreter and this package, nothing else.

Landlock, by system call: Python has no function for it. Imported before any parser, so stdlib only.
Source: kernel documentation, userspace-api/landlock; numbers from include/uapi/linux/landlock.h.
"""

import ctypes
import os
import struct
import sys

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # system calls, the same on every machine
GET_VERSION = 1
PATH_BENEATH = 1
NO_NEW_PRIVILEGES = 38  # of prctl
EXECUTE, READ_FILE, READ_DIR = 1 << 0, 1 << 2, 1 << 3
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}  # by version, how many bits there are to withhold
FILE_RIGHTS_NOW = 16
NET_SINCE = 4
TCP = 0b11  # bind and connect
SYSTEM = ("/usr", "/lib", "/lib64")
SYSTEM_FILES = ("/etc/ld.so.cache", "/dev/urandom")  # qpdf seeds its generator before it reads a password


def version() -> int:
    """Return the kernel's version of Landlock, 0 when it has none or has it switched off."""
    return max(_call(CREATE_RULESET, None, 0, GET_VERSION), 0)


def close(*code: str) -> bool:
    """Withhold everything but reading Python, the system's libraries and `code`; False when not possible.

    For the rest of the life of this process, and of all that it starts.
    """
    known = version()
    if not known:
        return False
    withheld = (1 << FILE_RIGHTS.get(known, FILE_RIGHTS_NOW)) - 1
    attributes = struct.pack("QQ", withheld, TCP) if known >= NET_SINCE else struct.pack("Q", withheld)
    rules = _call(CREATE_RULESET, attributes, len(attributes), 0)
    if rules < 0:
        return False
    for path in (*SYSTEM, sys.prefix, sys.base_prefix, *code):
        _allow(rules, path, EXECUTE | READ_FILE | READ_DIR)
    for path in SYSTEM_FILES:
        _allow(rules, path, READ_FILE)
    ctypes.CDLL(None).prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    done = _call(RESTRICT_SELF, rules, 0)
    os.close(rules)
    return done == 0


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    _call(ADD_RULE, rules, PATH_BENEATH, struct.pack("=Qi", rights, place), 0)
    os.close(place)


def _call(number: int, *arguments: int | bytes | None) -> int:
    numbers = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return int(ctypes.CDLL(None).syscall(ctypes.c_long(number), *numbers))
