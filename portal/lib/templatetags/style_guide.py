"""Sample values that the style guide needs and a template cannot write: days, lists, a page, a form."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

from django import forms, template
from django.core.paginator import Paginator

register = template.Library()

TODAY = dt.date(2023, 9, 20)


class SampleForm(forms.Form):
    """One field of each kind, drawn with its errors."""

    new_on = forms.DateField(label="Thời hạn đề nghị", help_text="Ngày/tháng/năm, ví dụ 14/12/2023")
    reason = forms.CharField(label="Lý do gia hạn", widget=forms.Textarea({"rows": 3}), min_length=20)
    lead = forms.ChoiceField(
        label="Cơ quan chủ trì",
        choices=[("", "Chọn cơ quan"), ("bql", "Ban Quản lý Khu kinh tế Nghi Sơn và các Khu công nghiệp")],
    )
    outcome = forms.ChoiceField(
        label="Kết quả phối hợp",
        choices=[("yes", "Đã phối hợp"), ("no", "Chưa phối hợp"), ("none", "Không có nội dung")],
        widget=forms.RadioSelect,
    )
    product = forms.FileField(label="Tệp minh chứng", required=False, help_text="PDF, không quá 20 MB")
    open_content = forms.BooleanField(label="Tôi cam đoan tệp không chứa bí mật nhà nước")


@register.simple_tag
def guide_samples() -> dict[str, Any]:
    """Return the samples; days count from 20/09/2023, the day of the reference pictures."""
    return {
        "today": TODAY,
        "overdue_on": dt.date(2023, 8, 31),
        "soon_on": dt.date(2023, 9, 22),
        "later_on": dt.date(2023, 9, 27),
        "counts": [
            ("completed_on_time", 19),
            ("completed_late", 4),
            ("active", 20),
            ("due_soon", 2),
            ("overdue", 1),
        ],
        "steps": [
            SimpleNamespace(label="Đã giao", done=True),
            SimpleNamespace(label="Đã tiếp nhận", done=True),
            SimpleNamespace(label="Đang thực hiện", current=True),
            SimpleNamespace(label="Chờ xác nhận"),
            SimpleNamespace(label="Hoàn thành"),
        ],
        "events": [
            SimpleNamespace(
                at=dt.datetime(2023, 9, 5, 2, 10, tzinfo=dt.UTC),
                text="Đôn đốc lần 1",
                who="Trợ lý Phòng Tham mưu",
                quote="Đề nghị báo cáo hai huyện còn lại trước ngày 15/09/2023.",
                key=True,
            ),
            SimpleNamespace(
                at=dt.datetime(2023, 3, 1, 1, 30, tzinfo=dt.UTC), text="Đã tiếp nhận", who="Phòng Dân quân"
            ),
        ],
        "page": Paginator(range(312), 25).page(4),
        "form": SampleForm({"new_on": "14/12/2023", "reason": "Chờ ý kiến", "outcome": "yes"}),
        "sha256": "9f2c41d87be053aac6120e9d84f7b3c52a60d91e7f4816bbe0c35d72a8943f0b",
    }
