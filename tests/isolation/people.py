"""Who lives in the crawled province, and what is written down about each word that must not leak."""

from collections.abc import Collection
from dataclasses import dataclass, field

from portal.agencies.models import Agency
from portal.users.models import Role, User

YEAR, DRAFT_YEAR, FROZEN_YEAR, CONSULTED_YEAR = 2026, 2027, 2025, 2028
MISSING = 987_654
COMMAND = frozenset({"officer", "commander", "clerk"})
DRAFT_READERS = dict.fromkeys((DRAFT_YEAR, CONSULTED_YEAR), COMMAND | {"admin"})
"""Of programmes whose text is not frozen: one that nobody was asked about, one that is out for comment."""

AGENCIES = {
    "BCHQS": "Bộ Chỉ huy Quân sự tỉnh",
    "UBMTTQ": "Ủy ban Mặt trận Tổ quốc tỉnh",
    "SXD": "Sở Xây dựng",
    "STC": "Sở Tài chính",
    "SYT": "Sở Y tế",
    "CTK": "Cục Thống kê",
    "VPUBND": "Văn phòng Ủy ban nhân dân tỉnh",
}
PARTIES = ("BCHQS", "UBMTTQ", "SXD", "STC", "SYT")
POSTS = {
    "officer": ("BCHQS", Role.PROGRAMME_OFFICER),
    "commander": ("BCHQS", Role.COMMANDER),
    "clerk": ("BCHQS", Role.RECORDS_CLERK),
    "admin": ("BCHQS", Role.ADMINISTRATOR),
    "front_head": ("UBMTTQ", Role.AGENCY_HEAD),
    "sxd_head": ("SXD", Role.AGENCY_HEAD),
    "sxd_deputy": ("SXD", Role.DEPUTY_HEAD),
    "sxd_focal": ("SXD", Role.FOCAL_POINT),
    "stc_head": ("STC", Role.AGENCY_HEAD),
    "stc_focal": ("STC", Role.FOCAL_POINT),
    "syt_head": ("SYT", Role.AGENCY_HEAD),
    "syt_focal": ("SYT", Role.FOCAL_POINT),
    "stranger": ("CTK", Role.FOCAL_POINT),
    "viewer": ("VPUBND", Role.VIEWER),
}
NOBODY, VISITOR = "nobody", "visitor"  # a person without a post; somebody who has not signed in
PLANNED = "CQMOI"  # an agency that a draft of a change is going to begin
HALFWAY, BARE = "halfway", "bare"  # gave the password alone; is in without the factor that the post needs

LED = {"1.01": "SXD", "1.02": "STC", "1.03": "SYT", "1.04": "SXD", "2.01": "BCHQS"}
COORDINATED = {"1.01": {"STC"}, "1.02": {"SXD"}}


@dataclass(frozen=True)
class Canary:
    """A word that betrays what it comes from; `readers` are all who may ever meet it."""

    word: str
    kind: str
    readers: frozenset[str]


@dataclass
class World:
    people: dict[str, User]
    agencies: dict[str, Agency]
    assignments: dict[str, int]  # by code; "2027/1.01" is that of the draft
    documents: dict[str, int]  # "open" for signing, "frozen"
    notices: dict[str, list[int]]  # of each person
    undelivered: int = 0  # a mail that was given up
    evidence: dict[str, int] = field(default_factory=dict)  # of 1.01, by who added it
    extensions: dict[str, int] = field(default_factory=dict)  # by whose they are
    comments: dict[str, int] = field(default_factory=dict)  # by what they are about
    clauses: list[int] = field(default_factory=list)  # of programmes that parties read
    reports: dict[str, int] = field(default_factory=dict)  # of the first quarter, by agency
    figures: dict[str, int] = field(default_factory=dict)  # of 1.01, by whose share it is
    joints: dict[str, int] = field(default_factory=dict)  # by their parts
    letters: dict[str, int] = field(default_factory=dict)  # of urging, by agency: STC's is a draft
    shares: dict[str, int] = field(default_factory=dict)  # of coordinating agencies, by code
    paper_entry: int = 0  # from which the result of 1.02 was entered
    product: int = 0  # a document that the lead of 1.01 names
    sheet: int = 0  # of assignments, sent to be added to the draft
    period: int = 0
    reviews: dict[str, int] = field(
        default_factory=dict
    )  # periods by how their review is: "draft", "approved"
    consultations: dict[str, int] = field(default_factory=dict)  # "open", "closed"
    remarks: dict[str, int] = field(default_factory=dict)  # "SXD" sent, "STC" not yet, "published"
    rating_sheets: dict[str, int] = field(default_factory=dict)  # by agency
    rating_points: dict[str, int] = field(default_factory=dict)  # what is judged first, by agency
    rating_proof: int = 0  # that SXD shows
    reexamination: int = 0  # that SXD asked for
    decision: int = 0  # that 1.01 was left open at the end of the year
    shortcoming: int = 0  # in the ledger
    proposal: int = 0  # of STC
    paper: int = 0  # in the register of the draft
    scheme: int = 0  # that SXD leads and STC coordinates
    milestone: int = 0  # of it
    plan: int = 0  # a change of agencies that is being prepared
    grant: int = 0  # by which the focal point of STC sends
    certificates: dict[str, int] = field(default_factory=dict)  # by whose they are; requests too
    requests: dict[str, int] = field(default_factory=dict)
    authorisation: int = 0  # of the focal point of SXD
    seal: int = 0  # picture of the seal of SXD
    conferences: dict[str, int] = field(default_factory=dict)  # "held", "prepared"
    delegates: dict[str, int] = field(default_factory=dict)  # of the held one, by agency
    contributions: dict[str, int] = field(default_factory=dict)
    conclusion: int = 0
    groups: dict[str, int] = field(default_factory=dict)  # "SXD", "SXD item", "SXD member"; STC too
    canaries: list[Canary] = field(default_factory=list)

    def members(self, codes: Collection[str]) -> frozenset[str]:
        """The people of some agencies who report there; an administrator does not."""
        return frozenset(n for n, (code, _role) in POSTS.items() if code in codes and n != "admin")

    def involved(self, code: str) -> frozenset[str]:
        """Who reads how an assignment is carried out: its lead, who coordinates, the command."""
        return self.members({LED[code]} | COORDINATED.get(code, set())) - {"viewer"} | COMMAND

    def betray(self, word: str, kind: str, readers: Collection[str]) -> str:
        """Register a word and return it, to be written somewhere."""
        new = Canary(word, kind, frozenset(readers))
        for old in self.canaries:
            inner, outer = sorted((old, new), key=lambda canary: len(canary.word))
            assert inner.word not in outer.word or outer.readers <= inner.readers, (
                f"who reads {outer.word} may not read {inner.word}, which stands in it"
            )
        self.canaries.append(new)
        return word
