"""A small programme file for tests of loading: text first, so that line numbers can be told."""

SMALL = """\
programme:
  year: 2023
  title_vi: Chương trình phối hợp năm 2023
  title_en: 2023 Coordination Programme
  signed_on: '2023-01-11'
  place: Thanh Hóa
  host: BCHQS
  co_host: UBMTTQ
  signatories: [BCHQS, UBMTTQ, SXD]
agencies:
- code: BCHQS
  symbol: BCHQS
  name_vi: Bộ Chỉ huy Quân sự tỉnh
  kind: armed_forces
  signature_block_vi: [CHỈ HUY TRƯỞNG]
- code: UBMTTQ
  symbol: MTTQ-BTT
  name_vi: Ủy ban Mặt trận Tổ quốc
  kind: front_and_mass_org
  signature_block_vi: [TM. BAN THƯỜNG TRỰC, CHỦ TỊCH]
- code: SXD
  symbol: SXD
  name_vi: Sở Xây dựng
  kind: department
  signature_block_vi: [GIÁM ĐỐC]
  valid_to: '2025-02-28'
  successors: [SXD-2025]
agencies_after_2025:
- code: SXD-2025
  name_vi: Sở Xây dựng
  kind: department
  valid_from: '2025-03-01'
  predecessors: [SXD]
agency_changes:
- id: CH05
  effective: '2025-03-01'
  type: merge_same_name
  title_vi: Hợp nhất
  from: [SXD]
  to: [SXD-2025]
priority_tasks:
- number: 1
  title_vi: Nhiệm vụ một
- number: 2
  title_vi: Nhiệm vụ hai
solutions:
- number: 1
  title_vi: Giải pháp một
- number: 2
  title_vi: Giải pháp hai
assignments:
- code: '1.01'
  task: 1
  solution: 1
  title_vi: Việc một năm 2023
  lead: BCHQS
  coordinating: [SXD, UBMTTQ]
  deadline: '2023-03-31'
  indicator: {name_vi: Số văn bản, target: 1, unit_vi: văn bản}
- code: '2.01'
  task: 2
  solution: [1, 2]
  title_vi: Việc hai cho năm 2024, giai đoạn 2021-2025
  lead: SXD
  coordinating: []
  cycle: quarterly
  start_date: '2023-02-01'
  deadline: '2023-12-14'
  indicator: {name_vi: Tỷ lệ, target: 12.5, unit_vi: '%'}
"""


def line_of(text: str, within: str = SMALL) -> int:
    """Return the line, from 1, on which a text stands first."""
    return within[: within.index(text)].count("\n") + 1


def changed(old: str, new: str) -> str:
    """Return the small file with one piece of it replaced."""
    assert SMALL.count(old) >= 1, f"{old!r} is not in the small file"
    return SMALL.replace(old, new, 1)
