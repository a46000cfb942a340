"""Kinds of notices: whatever an app tells is known, or its notice leads nowhere and is never mailed."""

import sys
from dataclasses import replace

import pytest

from portal.notices import kinds
from portal.notices.kinds import Kind


def test_every_kind_that_a_module_defines_is_registered():
    modules = [module for name, module in sys.modules.items() if name.startswith(("tasks.", "agreements."))]
    defined = {value.code for module in modules for value in vars(module).values() if isinstance(value, Kind)}
    assert len(defined) > 30
    assert defined == defined & set(kinds.codes())


def test_a_kind_with_days_cannot_do_without_a_planner():
    with pytest.raises(ValueError, match="planner"):
        kinds.register([replace(kinds.find("assignment.due"), code="test.due")])
    assert kinds.find("test.due") is None
