from tasks.models.assignments import Assignment, Coordination, Cycle, Progress
from tasks.models.consolidations import Consolidation, ConsolidationParagraph, ConsolidationSource
from tasks.models.evidence import Evidence
from tasks.models.grants import SendingGrant
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

__all__ = [
    "Assignment",
    "Clause",
    "Consolidation",
    "ConsolidationParagraph",
    "ConsolidationSource",
    "Coordination",
    "Cycle",
    "Evidence",
    "LegalBasis",
    "PriorityTask",
    "Programme",
    "ProgrammeBasis",
    "Progress",
    "Report",
    "ReportLine",
    "ReportStep",
    "ReportingPeriod",
    "SendingGrant",
    "Signatory",
    "Solution",
]
