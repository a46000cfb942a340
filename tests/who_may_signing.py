"""Rows of the who-may matrix about documents, rounds and signatures. See tests/who_may.py."""

from tests.who_may_rows import DOCUMENT, HEADS, PARTIES, PEOPLE, PROGRAMME, RELATIONS, of, row

_RUNS = of("host", {"commander", "programme_officer"})
_COMMANDER = of("host", {"commander"})
_HEAD_OF_LEAD = of("lead", {"commander", "agency_head"})
_KEEP_SEALS = frozenset({"commander", "agency_head", "records_clerk"})
_SIGNS = of(" ".join(PARTIES), HEADS)

ROWS = (
    # Documents and signatures
    row("agreements.documents._freeze", "Đóng băng văn bản", _RUNS, PROGRAMME, "settled"),
    row("agreements.documents.open_round", "Mở ký", _RUNS, DOCUMENT, "frozen"),
    row("agreements.documents.withdraw", "Thu hồi văn bản chưa ký", _RUNS, DOCUMENT, "frozen signing"),
    row("agreements.documents.bring_into_force", "Quyết định hiệu lực", _COMMANDER, PROGRAMME, "frozen"),
    row("agreements.documents.close_round", "Kết thúc ký", _RUNS, DOCUMENT, "signing"),
    row(
        "agreements.documents.issue",
        "Cấp số, ngày ban hành",
        of("host", {"records_clerk"}),
        DOCUMENT,
        "closed",
    ),
    row(
        "agreements.documents.withdraw",
        "Thu hồi văn bản đã có người ký",
        _COMMANDER,
        DOCUMENT,
        "frozen signing",
        case="signed",
    ),
    row("agreements.waves.choose", "Chọn thứ tự ký", _RUNS, DOCUMENT, "frozen"),
    row("agreements.decisions.go_on", "Tiếp tục, không có bên từ chối", _COMMANDER, DOCUMENT, "signing"),
    row("agreements.decisions.end", "Kết thúc đợt ký không thành", _COMMANDER, DOCUMENT, "signing"),
    row("agreements.parties.delegate", "Giao cấp phó ký thay", _HEAD_OF_LEAD, DOCUMENT, "signing"),
    row("agreements.parties.take_back", "Lấy lại việc đã giao ký thay", _HEAD_OF_LEAD, DOCUMENT, "signing"),
    row("agreements.parties.decline", "Từ chối ký", _HEAD_OF_LEAD, DOCUMENT, "signing"),
    row("agreements.parties.reconsider", "Rút lại việc từ chối", _HEAD_OF_LEAD, DOCUMENT, "signing"),
    row("agreements.parties.mark_absent", "Ghi vắng mặt", _RUNS, DOCUMENT, "signing"),
    row("agreements.parties.mark_present", "Ghi có mặt", _RUNS, DOCUMENT, "signing"),
    row("agreements.parties.urge", "Đôn đốc ký", _RUNS, DOCUMENT, "signing"),
    row(
        "agreements.authorisations.grant",
        "Lưu giấy ủy quyền, thừa lệnh",
        _HEAD_OF_LEAD,
        case="of the head",
    ),
    row(
        "agreements.authorisations.grant",
        "Lưu quyết định giao quyền (Q.)",
        {
            **of(" ".join(RELATIONS), {"programme_officer", "commander"}),
            "lead": frozenset({"programme_officer", "commander", "agency_head"}),
        },
        case="acting head",
    ),
    row(
        "agreements.authorisations.revoke",
        "Thu hồi giấy ủy quyền",
        _HEAD_OF_LEAD,
        "used revoked",
        "used",
    ),
    row("agreements.marks.keep", "Tải ảnh chữ ký của mình", of(" ".join(RELATIONS), HEADS), case="signature"),
    row(
        "agreements.marks.keep",
        "Tải ảnh con dấu của cơ quan mình",
        of(" ".join(RELATIONS), _KEEP_SEALS),
        case="seal",
    ),
    row(
        "agreements.marks.withdraw",
        "Ngừng dùng ảnh con dấu",
        of("lead", _KEEP_SEALS),
        "used withdrawn",
        "used",
    ),
    row("agreements.signing.append", "Ký", _SIGNS, ("frozen", "signing", "closed"), "signing"),
    row(
        "agreements.signing.append",
        "Ký số của cơ quan, sau thủ trưởng",
        of(" ".join(PARTIES), _KEEP_SEALS),
        ("frozen", "signing", "closed"),
        "signing",
        case="agency",
    ),
    row(
        "agreements.certificates._ask",
        "Đề nghị cấp khóa của cơ quan mình",
        of("self", _KEEP_SEALS),
        "none held requested",
        "none",
        relations=PEOPLE,
        case="agency",
    ),
)
