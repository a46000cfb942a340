"""Kinds of notices: whatever an app tells is known, or its notice leads nowhere and is never mailed."""

import sys

from portal.notices import kinds
from portal.notices.kinds import Kind


def test_every_kind_that_a_module_defines_is_registered():
    modules = [module for name, module in sys.modules.items() if name.startswith(("tasks.", "agreements."))]
    defined = {value.code for module in modules for value in vars(module).values() if isinstance(value, Kind)}
    assert len(defined) > 30
    assert defined == defined & set(kinds.codes())
