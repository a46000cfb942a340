"""The samples in deploy/ run what `make run` runs."""

import re
from pathlib import Path

import pytest

from tests.source import text

PROCFILE = dict(re.findall(r"^(\w+): python (.*)$", text(Path("Procfile")), re.MULTILINE))


def test_procfile_has_three_processes():
    assert set(PROCFILE) == {"web", "worker", "beat"}


@pytest.mark.parametrize("name", PROCFILE)
def test_unit_runs_the_command_of_the_procfile(name):
    unit = text(Path(f"deploy/systemd/coordination-portal-{name}.service"))
    (command,) = re.findall(r"^ExecStart=\S+/python (.*)$", unit, re.MULTILINE)
    command = command.replace("--host 127.0.0.1 --port 8000 ", "")
    assert PROCFILE[name].endswith(command)


def test_sample_of_the_environment_holds_no_secret():
    sample = text(Path("deploy/env.sample"))
    assert re.findall(r"^(?:SECRET_KEY|KEY_ENCRYPTION_KEY)=(.*)$", sample, re.MULTILINE) == ["", ""]
