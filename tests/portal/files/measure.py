"""Look at every file of a folder in the sandbox and print one JSON line of figures.

python -m tests.portal.files.measure FOLDER
"""

import json
import os
import resource
import sys
from pathlib import Path

import django


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from portal.files import sandbox

    counts = {"accepted": 0, "refused": 0}
    files = sorted(Path(sys.argv[1]).glob("*.bin"))
    before = len(os.listdir("/proc/self/fd"))
    with files[0].open("rb") as file:
        sandbox.look(file)  # whatever is made once is made before measuring
    size = _own_size()
    for path in files:
        with path.open("rb") as file:
            counts["accepted" if sandbox.look(file).kind else "refused"] += 1
    print(
        json.dumps(
            {
                "files": len(files),
                **counts,
                "largest_child_bytes": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024,
                "grown_bytes": _own_size() - size,
                "open_files_left": len(os.listdir("/proc/self/fd")) - before,
            }
        )
    )


def _own_size() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
