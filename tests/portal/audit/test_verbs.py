"""Every verb that the code records is named, in the app that records it."""

import ast
import re

import pytest
from django.contrib import admin

from portal.audit import verbs
from portal.audit.admin_base import RecordAdmin
from tests.source import at, modules, nodes, text

VERB = re.compile(r"[a-z_]+\.[a-z_]+")
TELLS = {"record", "_record", "_step", "step", "_tell", "_write", "_leave_trace", "leave_trace"}
"""Functions that are handed a verb as it stands in the trail."""

WAYS = ("import record", "events.record", "conferences.leave_trace", "assignments.step(")
"""What a module that records says."""


def recorded() -> dict[str, str]:
    """Return every verb that a module records, and where: in a call, or chosen between two before it."""
    found = {}
    for path in modules():
        source = text(path).replace("canonical, ", "")
        if not any(way in source for way in WAYS):
            continue
        calls = [
            n for n in nodes(path, ast.Call) if getattr(n.func, "attr", getattr(n.func, "id", "")) in TELLS
        ]
        named = [n for n in nodes(path, ast.Assign) if getattr(n.targets[0], "id", "") == "verb"]
        for node in calls + named:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Constant) and VERB.fullmatch(str(inner.value)):
                    found[inner.value] = at(path, inner)
    return found


def test_every_recorded_verb_is_named():
    found = recorded()
    assert len(found) > 35
    assert {"signature.checked", "programme.settled", "audit.found_bad", "demo.loaded"} <= found.keys()
    assert not {verb: place for verb, place in found.items() if verb not in verbs.known()}


def test_no_name_is_left_over():
    assert not verbs.known().keys() - recorded().keys()


@pytest.mark.parametrize("done", verbs.RECORDS)
def test_records_of_the_administration_are_named(done):
    for model, page in admin.site._registry.items():
        if not isinstance(page, RecordAdmin):
            name = f"{model._meta.model_name}.{done}"
            assert verbs.find(name).kind == verbs.Kind.RECORDS, name


def test_unknown_verb_keeps_its_details_back():
    found = verbs.find("report.rewritten")
    assert (found.label, found.is_private) == ("report.rewritten", True)


def test_a_verb_named_twice_is_a_mistake():
    with pytest.raises(ValueError, match="named twice"):
        verbs.register({"audit.exported": verbs.Verb("khác", verbs.Kind.SYSTEM)})
