"""Papers to render: a small one to change, and the demonstration's whole programme."""

import datetime as dt
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from portal.papers.coordination import (
    AssignmentGroup,
    AssignmentRow,
    CoordinationPaper,
    Issuer,
    Item,
    Party,
    Rendered,
    Section,
    render_coordination,
)

DEMO_FILE = Path(__file__).parents[3] / "portal" / "operations" / "demo" / "programme-2023.yaml"
NOTE = "(Kèm theo Chương trình phối hợp thực hiện nhiệm vụ quân sự - quốc phòng năm 2023)"
CYCLES = {
    "monthly": "Hằng tháng",
    "quarterly": "Hằng quý",
    "semiannual": "06 tháng, năm",
    "annual": "Trong năm",
}
SHORT_NAMES = {"BCHQS": "Bộ CHQS tỉnh", "UBMTTQ": "Ủy ban MTTQ tỉnh", "BBP": "Bộ CHBĐBP tỉnh"}


def party(number: int, agency: str, at: str = "annex") -> Party:
    return Party(f"{number:03}", f"CQ{number}", agency, at)


def row(code: str = "1.01", **cells: str) -> AssignmentRow:
    usual = {
        "title": "Rà soát, bổ sung kế hoạch bảo đảm hậu cần, kỹ thuật",
        "lead": "Bộ CHQS tỉnh",
        "coordinating": "Sở Tài chính; Sở Y tế",
        "due": "Trước 31/3/2023",
        "target": "Kế hoạch được phê duyệt: 01 kế hoạch",
    }
    return AssignmentRow(code=code, **{**usual, **cells})


def small_paper(**changes: Any) -> CoordinationPaper:
    """Two parties on the main page, one in the annex, one row; `changes` replaces fields."""
    paper = CoordinationPaper(
        profile="nd30",
        kind="Chương trình",
        title="Phối hợp thực hiện nhiệm vụ quân sự - quốc phòng năm 2023",
        authors=("Bộ Chỉ huy Quân sự tỉnh Thanh Hóa",),
        keywords=("chương trình phối hợp", "2023"),
        frozen_at=dt.datetime(2023, 1, 11, 8, 0, tzinfo=dt.UTC),
        issuers=(Issuer("QUÂN KHU 4", "Bộ Chỉ huy Quân sự tỉnh Thanh Hóa"), Issuer(None, "Ủy ban MTTQ tỉnh")),
        symbol="CTr-BCHQS-MTTQ",
        place="Thanh Hóa",
        year=2023,
        dated_on=None,
        bases=("Căn cứ Luật Quốc phòng ngày 08 tháng 6 năm 2018",),
        opening=("Các cơ quan thống nhất ký kết Chương trình phối hợp với các nội dung như sau:",),
        sections=(Section("I. NỘI DUNG", (Item("1. Hậu cần", ("Bảo đảm hậu cần, kỹ thuật.",)),)),),
        closing="Chương trình có hiệu lực kể từ ngày ký./.",
        recipients=("Các cơ quan tại Phụ lục II;", "Lưu: VT, PTM."),
        parties=(
            party(1, "Bộ Chỉ huy Quân sự tỉnh Thanh Hóa", "main"),
            party(2, "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh Thanh Hóa", "main"),
            party(3, "Sở Tài chính"),
        ),
        annex_note=NOTE,
        groups=(AssignmentGroup("1. Bảo đảm hậu cần", (row(),)),),
        demo=False,
    )
    return replace(paper, **changes)


def small(**changes: Any) -> Rendered:
    return render_coordination(small_paper(**changes), b"{}")


@cache
def demo_paper() -> CoordinationPaper:
    """The programme of 2023: 46 parties, 5 tasks, 60 assignments."""
    source = yaml.safe_load(DEMO_FILE.read_text())
    agencies = {agency["code"]: agency["name_vi"] for agency in source["agencies"]}
    programme = source["programme"]
    return small_paper(
        issuers=(Issuer("QUÂN KHU 4", agencies["BCHQS"]), Issuer(None, agencies["UBMTTQ"])),
        bases=BASES,
        opening=OPENING,
        sections=_sections(source),
        closing=CLOSING,
        recipients=RECIPIENTS,
        parties=tuple(
            Party(f"{number:03}", code, agencies[code], "main" if code in ("BCHQS", "UBMTTQ") else "annex")
            for number, code in enumerate(programme["signatories"], 1)
        ),
        groups=tuple(_group(source, agencies, task) for task in source["priority_tasks"]),
        demo=True,
    )


@cache
def demo(profile: str = "nd30") -> Rendered:
    return render_coordination(replace(demo_paper(), profile=profile), demo_attachment())


@cache
def demo_attachment() -> bytes:
    source = yaml.safe_load(DEMO_FILE.read_text())
    return json.dumps(source["assignments"], ensure_ascii=False, sort_keys=True).encode()


def _group(source: dict[str, Any], agencies: dict[str, str], task: dict[str, Any]) -> AssignmentGroup:
    def name(code: str) -> str:
        return SHORT_NAMES.get(code, agencies[code].removesuffix(" Thanh Hóa"))

    return AssignmentGroup(
        f"{task['number']}. {task['title_vi']}",
        tuple(
            AssignmentRow(
                code=one["code"],
                title=one["title_vi"],
                lead=name(one["lead"]),
                coordinating="; ".join(map(name, one["coordinating"])),
                due=_due(one),
                target=_target(one["indicator"]),
            )
            for one in source["assignments"]
            if one["task"] == task["number"]
        ),
    )


def _due(one: dict[str, Any]) -> str:
    until = _dated(one["deadline"])
    if one["cycle"] != "once":
        return f"{CYCLES[one['cycle']]}; trước {until}"
    return f"{_dated(one['start_date'])} - {until}" if one.get("start_date") else f"Trước {until}"


def _dated(iso: str) -> str:
    return f"{dt.date.fromisoformat(iso):%d/%m/%Y}"


def _target(goal: dict[str, Any]) -> str:
    space = "" if goal["unit_vi"] == "%" else " "
    return f"{goal['name_vi']}: {goal['target']:,}{space}{goal['unit_vi']}".replace(",", ".")


def _sections(source: dict[str, Any]) -> tuple[Section, ...]:
    def numbered(rows: list[dict[str, Any]]) -> tuple[str, ...]:
        return tuple(f"{one['number']}. {one['title_vi']}." for one in rows)

    return (
        Section("I. MỤC ĐÍCH, YÊU CẦU", (Item("1. Mục đích", (AIM,)), Item("2. Yêu cầu", (DEMAND,)))),
        Section("II. NỘI DUNG PHỐI HỢP", (Item(None, numbered(source["priority_tasks"])),)),
        Section("III. GIẢI PHÁP CHỦ YẾU", (Item(None, numbered(source["solutions"])),)),
        Section("IV. TỔ CHỨC THỰC HIỆN", (Item(None, (DUTIES, MONEY)),)),
    )


BASES = (
    "Căn cứ Luật Quốc phòng ngày 08 tháng 6 năm 2018",
    "Căn cứ Nghị định số 168/2018/NĐ-CP ngày 28 tháng 12 năm 2018 của Chính phủ về công tác quốc phòng ở"
    " bộ, ngành Trung ương, địa phương",
    "Căn cứ Nghị định số 03/2019/NĐ-CP ngày 05 tháng 9 năm 2019 của Chính phủ về phối hợp giữa Bộ Công an"
    " và Bộ Quốc phòng trong thực hiện nhiệm vụ bảo vệ an ninh quốc gia và nhiệm vụ quốc phòng",
    "Căn cứ kết luận Hội nghị phối hợp triển khai nhiệm vụ quân sự - quốc phòng năm 2023",
)
OPENING = (
    "Bộ Chỉ huy Quân sự tỉnh Thanh Hóa, Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh Thanh Hóa và các ban, sở,"
    " ngành, đoàn thể cấp tỉnh thống nhất ký kết Chương trình phối hợp thực hiện nhiệm vụ quân sự - quốc"
    " phòng năm 2023 với các nội dung như sau:",
)
AIM = (
    "Tăng cường sự phối hợp giữa cơ quan quân sự với Mặt trận Tổ quốc và các ban, sở, ngành, đoàn thể cấp"
    " tỉnh; phát huy sức mạnh tổng hợp của hệ thống chính trị và Nhân dân."
)
DEMAND = (
    "Nội dung phối hợp phải thiết thực, đúng chức năng, nhiệm vụ của từng cơ quan, đơn vị; xác định rõ cơ"
    " quan chủ trì, cơ quan phối hợp, thời gian hoàn thành; không chứa nội dung thuộc bí mật nhà nước."
)
DUTIES = (
    "1. Các cơ quan, đơn vị ký kết tại Phụ lục II tổ chức thực hiện nội dung được phân công tại Phụ lục I;"
    " gửi báo cáo theo thời gian chốt số liệu quy định tại Nghị định số 09/2019/NĐ-CP."
)
MONEY = "2. Kinh phí thực hiện do các cơ quan, đơn vị bảo đảm từ dự toán được giao hằng năm."
CLOSING = (
    "3. Chương trình có hiệu lực kể từ ngày ký. Trong quá trình thực hiện, nếu có khó khăn, vướng mắc"
    " hoặc cần sửa đổi, bổ sung, các cơ quan, đơn vị phản ánh về Bộ Chỉ huy Quân sự tỉnh để giải quyết./."
)
RECIPIENTS = (
    "Bộ Tư lệnh Quân khu 4 (để báo cáo);",
    "Thường trực Tỉnh ủy, UBND tỉnh (để báo cáo);",
    "Các cơ quan, đơn vị tại Phụ lục II;",
    "Lưu: VT, PTM.",
)
