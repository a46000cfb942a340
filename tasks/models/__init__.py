from tasks.models.assignments import Assignment, Coordination, Cycle, Progress
from tasks.models.changes import ChangePlan, PartyHeir, PlannedSuccessor, PostMove, Takeover
from tasks.models.citations import ProductDocument, SourceDocument
from tasks.models.comments import Comment, Mention
from tasks.models.consolidations import Consolidation, ConsolidationParagraph, ConsolidationSource
from tasks.models.cooperations import Cooperation
from tasks.models.evidence import Evidence
from tasks.models.extensions import ExtensionRequest
from tasks.models.grants import SendingGrant
from tasks.models.groups import GroupMember, GroupPlanItem, StandingGroup
from tasks.models.imports import AssignmentImport
from tasks.models.indicators import Aggregation, Direction, Figure, Indicator, JointIndicator, Quota
from tasks.models.lights import Colour, LightOverride
from tasks.models.localities import Locality
from tasks.models.paper_entries import PaperEntry
from tasks.models.period_reviews import ApprovedReview, PeriodReview, ReviewParagraph
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
from tasks.models.rating_sheets import RatingPoint, RatingProof, RatingSheet, Reexamination
from tasks.models.ratings import (
    RatingCriterion,
    RatingDecision,
    RatingGrade,
    RatingRound,
    SupportAnswer,
    SupportReceipt,
)
from tasks.models.reports import Report, ReportLine, ReportStep
from tasks.models.reviews import Proposal, Shortcoming, ShortcomingReview
from tasks.models.schemes import Milestone, MilestoneDuty, Scheme
from tasks.models.urging_letters import UrgingLetter
from tasks.models.urgings import Urging
from tasks.models.year_papers import PaperKind, YearPaper
from tasks.models.years import SeenPoint, YearEndDecision

__all__ = [
    "Aggregation",
    "ApprovedReview",
    "Assignment",
    "AssignmentImport",
    "ChangePlan",
    "Clause",
    "Colour",
    "Comment",
    "Consolidation",
    "ConsolidationParagraph",
    "ConsolidationSource",
    "Cooperation",
    "Coordination",
    "Cycle",
    "Direction",
    "Evidence",
    "ExtensionRequest",
    "Figure",
    "GroupMember",
    "GroupPlanItem",
    "Indicator",
    "JointIndicator",
    "LegalBasis",
    "LightOverride",
    "Locality",
    "Mention",
    "Milestone",
    "MilestoneDuty",
    "PaperEntry",
    "PaperKind",
    "PartyHeir",
    "PeriodReview",
    "PlannedSuccessor",
    "PostMove",
    "PriorityTask",
    "ProductDocument",
    "Programme",
    "ProgrammeBasis",
    "Progress",
    "Proposal",
    "Quota",
    "RatingCriterion",
    "RatingDecision",
    "RatingGrade",
    "RatingPoint",
    "RatingProof",
    "RatingRound",
    "RatingSheet",
    "Reexamination",
    "Report",
    "ReportLine",
    "ReportStep",
    "ReportingPeriod",
    "ReviewParagraph",
    "Scheme",
    "SeenPoint",
    "SendingGrant",
    "Shortcoming",
    "ShortcomingReview",
    "Signatory",
    "Solution",
    "SourceDocument",
    "StandingGroup",
    "SupportAnswer",
    "SupportReceipt",
    "Takeover",
    "Urging",
    "UrgingLetter",
    "YearEndDecision",
    "YearPaper",
]
