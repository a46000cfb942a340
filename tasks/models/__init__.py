from tasks.models.assignments import Assignment, Coordination, Cycle, Progress
from tasks.models.evidence import Evidence
from tasks.models.extensions import ExtensionRequest
from tasks.models.periods import ReportingPeriod
from tasks.models.programmes import (
    Clause,
    LegalBasis,
    PriorityTask,
    Programme,
    ProgrammeBasis,
    Signatory,
    Solution,
)
from tasks.models.reports import Report, ReportLine, ReportStep
from tasks.models.urgings import Urging

__all__ = [
    "Assignment",
    "Clause",
    "Coordination",
    "Cycle",
    "Evidence",
    "ExtensionRequest",
    "LegalBasis",
    "PriorityTask",
    "Programme",
    "ProgrammeBasis",
    "Progress",
    "Report",
    "ReportLine",
    "ReportStep",
    "ReportingPeriod",
    "Signatory",
    "Solution",
    "Urging",
]
