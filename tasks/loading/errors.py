"""Why a file is refused."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

MOST_SHOWN = 20


@dataclass(frozen=True, order=True)
class Problem:
    """One reason, at a line of the file (counted from 1; 0 stands for the file as a whole)."""

    line: int
    reason: str

    def __str__(self) -> str:
        if not self.line:
            return self.reason
        return _("line %(line)d: %(reason)s") % {"line": self.line, "reason": self.reason}


class FileRefused(Exception):
    """The file is refused whole; nothing was written."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__(self.text())

    def text(self) -> str:
        """Return the reasons in the order of their lines, the first twenty of them."""
        lines = [str(problem) for problem in self.problems[:MOST_SHOWN]]
        left = len(self.problems) - MOST_SHOWN
        if left > 0:
            lines.append(_("… and %(count)d more.") % {"count": left})
        return "\n".join(lines)


def refused(line: int, reason: str) -> FileRefused:
    """Return a refusal for one reason."""
    return FileRefused([Problem(line, reason)])
