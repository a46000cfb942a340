"""Rules of the house that the code itself can show; the reasons are in CONTRIBUTING.md.

Every list of exceptions gives a reason beside each. It may get shorter; a new entry needs a better
reason than that the test was red.
"""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps

from tests.source import BASE, PACKAGES, at, files, modules, nodes, text, tree

LONGEST_FILE = 400  # lines


def is_view(path: Path) -> bool:
    return "views" in path.parts or path.name == "views.py"


def is_edge(path: Path) -> bool:
    """Views, jobs, the administration and commands: where a user or the clock comes in."""
    if is_view(path) or path.name == "jobs.py" or path.name.startswith("admin"):
        return True
    return bool({"management", "serving"} & set(path.parts))


# --- Where things live ----------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["services", "utils", "helpers", "managers", "signals", "common", "misc"])
def test_there_is_no_drawer(name):
    assert not [p for p in modules() if p.stem == name or name in p.parts]


def test_files_stay_short():
    long = {
        str(p): len(text(p).splitlines()) for p in files(".py", ".html", ".js") if "vendor" not in p.parts
    }
    assert not {p: lines for p, lines in long.items() if lines > LONGEST_FILE and "migrations" not in p}


def test_every_test_folder_is_a_package():
    folders = {p.parent for p in files(".py", under=("tests",))}
    assert not [f for f in folders if not (BASE / f / "__init__.py").exists()]


def imported(path: Path) -> list[tuple[str, ast.AST]]:
    """Return every module that a file imports, with its node."""
    found = [(alias.name, node) for node in nodes(path, ast.Import) for alias in node.names]
    return found + [(node.module or "", node) for node in nodes(path, ast.ImportFrom)]


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("pyhanko", "agreements/pades"),
        ("typst", "portal/papers"),
        ("openpyxl", "portal/papers"),
        ("docx", "portal/papers"),
        ("defusedxml", "portal/files/worker"),
        ("pikepdf", "portal/files/worker"),
        ("zipfile", ("portal/files/worker", "agreements/packages")),  # reads there, writes here
        ("fido2", "portal/users/passkeys"),
        ("jwt", "portal/users/oidc"),
        ("pkcs11", "agreements/keys/hardware"),
    ],
)
def test_library_is_imported_in_one_place(library, home):
    homes = (home,) if isinstance(home, str) else home
    inside = tuple(f"{one}{end}" for one in homes for end in ("/", ".py"))
    outside = [p for p in modules() if not str(p).startswith(inside)]
    assert not [at(p, n) for p in outside for name, n in imported(p) if name.split(".")[0] == library]


INNER_IMPORTS = {
    "portal/operations/apps.py": "models exist only when ready() runs",
    "portal/operations/serving/__main__.py": "models exist only after the settings were read",
}


def test_imports_stand_on_top():
    found = [
        at(path, inner)
        for path in modules()
        if str(path) not in INNER_IMPORTS and not str(path).endswith("/apps.py")
        for function in nodes(path, ast.FunctionDef, ast.AsyncFunctionDef)
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert not found


def calls(path: Path, *names: str) -> list[ast.Call]:
    """Return the calls of a function or method by its last name."""
    return [
        n
        for n in nodes(path, ast.Call)
        if getattr(n.func, "attr", None) in names or getattr(n.func, "id", None) in names
    ]


@pytest.mark.parametrize("name", ["get_model", "send_task"])
def test_nothing_is_reached_by_its_name_in_a_string(name):
    assert not [at(p, n) for p in modules() for n in calls(p, name)]


def test_there_are_no_signals_of_our_own():
    found = [at(p, n) for p in modules() for name, n in imported(p) if name.startswith("django.dispatch")]
    assert not found
    assert not [at(p, n) for p in modules() for name, n in imported(p) if name == "django.db.models.signals"]


# --- Views, actions, states -------------------------------------------------------------------------
ASKS_TABLES = {
    "portal/dashboards/handovers.py": "an action: it locks the posts that it ends and opens",
    "portal/dashboards/portal_facts.py": "the administrator's home counts mails, posts and failed checks",
    "portal/dashboards/summaries.py": "the administrator's home finds posts that nobody holds",
}


def test_views_ask_access_and_not_the_tables():
    """Nor do the modules that work out what a page shows."""
    pages = [p for p in modules() if (is_view(p) or "dashboards" in p.parts) and p.name != "access.py"]
    asked = {str(p): at(p, n) for p in pages for n in nodes(p, ast.Attribute) if n.attr == "objects"}
    assert set(asked) == set(ASKS_TABLES), asked


EVERYTHING = {
    "agreements/certificates.py": "a key is released and revoked for somebody else",
    "agreements/conference_reminders.py": "every agency hears that the minutes stand, whoever confirms last",
    "agreements/reminders.py": "who may sign by a paper is asked, whoever opens the round",
    "agreements/sheets.py": "who was told stands on the evidence sheet; access says how much of it is shown",
    "agreements/pki.py": "keys of people who left are destroyed, whoever notices",
    "portal/audit/admin_base.py": "what refers to a record keeps it, whoever wrote that; it is not named",
    "tasks/admin.py": "a duty that was carried over is kept, whoever decided it",
    "portal/notices/calendar_links.py": "nobody is signed in: the token is asked",
    "portal/notices/forecasts.py": "reminders to come are of every agency, and say code, title and day",
    "portal/notices/mails.py": "the administrator sends another person's mail again",
    "portal/notices/undelivered.py": "how many mails are late, whoever chose their hour; none is shown",
    "tasks/assignments.py": "the figure of a coordinating agency's share moves the total in the lead's log",
    "tasks/changes.py": "what passes from one agency to another is neither's, whoever confirms",
    "tasks/takeovers.py": "what would pass on is counted, and nothing of it shown",
    "portal/notices/outbox.py": "a notice is written for whom it is for, by who acts",
    "portal/operations/gauges.py": "a monitor is nobody, and hears counts",
    "portal/operations/health.py": "a monitor is nobody, and hears one age",
}


def test_few_places_pass_the_second_wall():
    """`walls.everything()` shows rows of other people: each place that asks for it has its reason here."""
    assert {str(p) for p in modules() if calls(p, "everything")} == set(EVERYTHING)


STATE_NAMES = {"state", "status"}


def written_states(path: Path) -> list[str]:
    """Return where a state column is assigned or updated."""
    targets = [
        (node, target)
        for node in nodes(path, ast.Assign, ast.AugAssign, ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    assigned = [at(path, n) for n, t in targets if isinstance(t, ast.Attribute) and t.attr in STATE_NAMES]
    updated = [
        at(path, n)
        for n in calls(path, "update")
        if isinstance(n.func, ast.Attribute) and {k.arg for k in n.keywords} & STATE_NAMES
    ]
    return assigned + updated


def test_states_are_written_by_move_only():
    outside = [p for p in modules() if str(p) != "portal/lib/states.py"]
    assert not [place for p in outside for place in written_states(p)]


CLOCK = {"now", "localtime", "localdate", "today", "utcnow"}
READS_CLOCK = {
    "portal/users/adapters.py": "allauth's hooks have no argument for it",
    "portal/users/context.py": "shows the time of the page",
    "portal/users/forms.py": "allauth's forms have no argument for it",
    "portal/users/session_middleware.py": "every request has a time",
    "portal/users/sessions.py": "Django's signal of a sign-in has no argument for it",
    "portal/users/step_up.py": "its decorator stands around a view",
    "portal/users/models.py": "which post is held today is asked by every page; default of a new row",
}


def test_time_is_an_argument():
    """Only the edges and what is listed read the clock."""
    found = [
        at(p, n)
        for p in modules()
        if not is_edge(p) and str(p) not in READS_CLOCK
        for n in calls(p, *CLOCK)
        if isinstance(n.func, ast.Attribute) and not n.args
    ]
    assert not found


EVENT = re.compile(r"^[a-z_]+\.[a-z_]+$")


def test_events_are_named_noun_and_past_participle():
    verbs = [
        (at(p, n), n.args[0].value)
        for p in modules()
        for n in calls(p, "record")
        if n.args and isinstance(n.args[0], ast.Constant) and isinstance(n.args[0].value, str)
    ]
    assert verbs
    assert not [verb for verb in verbs if not EVENT.match(verb[1])]


# --- Models -----------------------------------------------------------------------------------------
STILL_NAMED = {  # upper layers filter by some of these; no new ones
    "users.Membership.agency",
    "notices.Notice.recipient",
    "tasks.Signatory.agency",
    "tasks.Assignment.lead",
    "tasks.Assignment.coordinating",
    "tasks.Coordination.agency",
    "agreements.Certificate.user",
    "agreements.Document.frozen",
    "agreements.Document.head",
    "agreements.Revision.file",
    "agreements.Signature.signer",
}


def foreign_keys() -> dict[str, str | None]:
    """Return related_name of every relation that leads from one of our apps to another."""
    ours = [m for m in apps.get_models() if m.__module__.split(".")[0] in PACKAGES]
    return {
        f"{model._meta.label}.{field.name}": field.remote_field.related_name
        for model in ours
        for field in [*model._meta.fields, *model._meta.many_to_many]
        if field.is_relation and field.related_model._meta.app_label != model._meta.app_label
    }


def test_lower_apps_cannot_look_up():
    """A relation to another app has no name on the other side."""
    named = {key for key, name in foreign_keys().items() if not (name or "").endswith("+")}
    assert named <= STILL_NAMED


# --- Templates --------------------------------------------------------------------------------------
TEMPLATES = files(".html", under=("templates", "portal", "tasks", "agreements"))
INLINE = re.compile(
    r"""<style\b|\sstyle\s*=|<script\b(?![^>]*\ssrc\s*=)|\son[a-z]+\s*=|javascript:""", re.IGNORECASE
)
COMMENT = re.compile(r"{#.*?#}|{%\s*comment\s.*?endcomment\s*%}|<!--.*?-->", re.DOTALL)
MANY_LOADS = re.compile(r"{%\s*load\s+\S+\s+(?!from\b)[^%\s]|{%\s*load\b[^\n]*{%\s*load\b")


INCLUDE_ONLY = re.compile(r"""{%\s*include\s+"([^"]+)"([^%]*)\bonly\s*%}""")


def test_there_are_templates():
    assert TEMPLATES


def test_nothing_is_inline():
    """The content security policy lets no inline style or script run."""
    assert not [f"{p}: {found[0]}" for p in TEMPLATES if (found := INLINE.findall(COMMENT.sub("", text(p))))]


def test_one_load_a_line():
    assert not [str(p) for p in TEMPLATES if MANY_LOADS.search(COMMENT.sub("", text(p)))]


def test_partial_that_posts_is_given_the_token():
    """`only` takes the token away, and the form is refused; the test client does not notice."""
    posting = {p.relative_to("templates").as_posix() for p in TEMPLATES if "{% csrf_token %}" in text(p)}
    assert posting
    included = [(str(p), *found) for p in TEMPLATES for found in INCLUDE_ONLY.findall(text(p))]
    assert not [row for row in included if row[1] in posting and "csrf_token=csrf_token" not in row[2]]


# --- What is committed ------------------------------------------------------------------------------
MACHINE_PATH = re.compile(rb"(?<![\w.~-])/(?:root|work|Users|home/[a-z])[\w./-]*")


def test_no_file_names_a_machine():
    """Paths of somebody's machine work nowhere else."""
    found = {
        str(p): match.group().decode()
        for p in files()
        if p != Path("tests/test_house_rules.py")
        if (match := MACHINE_PATH.search((BASE / p).read_bytes())) and b"\0" not in (BASE / p).read_bytes()
    }
    assert not found


def test_every_setting_is_in_the_sample():
    """deploy/env.sample lists exactly the variables that the settings and the start read."""
    start = ("portal/settings.py", "portal/operations/serving/__main__.py")
    read = {
        n.args[0].value
        for p in map(Path, start)
        for n in nodes(p, ast.Call)
        if n.args and isinstance(n.args[0], ast.Constant) and isinstance(n.func, ast.Attribute | ast.Name)
        if re.fullmatch(r"env\.\w+|secret|os\.environ\.get", ast.unparse(n.func))
    }
    listed = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", text(Path("deploy/env.sample")), re.MULTILINE))
    assert listed == read


def test_modules_say_what_they_are_for():
    without = [p for p in modules() if tree(p).body and not ast.get_docstring(tree(p))]
    assert not [p for p in without if p.name not in {"apps.py", "__init__.py"} and "commands" not in p.parts]
