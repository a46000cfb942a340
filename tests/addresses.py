"""Every address of the portal, from the resolver itself, with its places filled."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.urls import get_resolver

from tests import scale
from tests.test_url_policy import SAMPLES, walk

PLACE = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>|\(\?P<(?P<group>\w+)>(?P<words>[^()]*)\)")
"""A place in a route, <int:pk>, or in a regular expression, (?P<app_label>tasks|users)."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class Address:
    """An address by name and route; `places` are the names of what must be filled in."""

    name: str
    route: str

    @property
    def places(self) -> tuple[str, ...]:
        return tuple(place["name"] or place["group"] for place in PLACE.finditer(self.route))

    def path(self, value_of: Callable[[str], object] = lambda name: SAMPLES.get(name, 1)) -> str:
        """Return a path; a regular expression's place gets its first word, for others `value_of` is asked."""

        def fill(place: re.Match[str]) -> str:
            first = (place["words"] or "").partition("|")[0]
            return first if first.isidentifier() else str(value_of(place["name"] or place["group"]))

        return "/" + PLACE.sub(fill, self.route).removesuffix("$").replace("^", "")


def share(addresses: Sequence[Item], who: str, everybody: Sequence[str], *, parts: int = 0) -> list[Item]:
    """Return the addresses that fall to one of those who ask.

    In the short run they share them, so that each address is asked by somebody; at full scale each asks
    all. With `parts` each takes so small a part of them, and several may ask the same one.
    """
    parts = parts or len(everybody)
    return list(addresses if scale.is_full() else addresses[everybody.index(who) % parts :: parts])


ADDRESSES = [Address(name, route) for name, route, _pattern in walk(get_resolver())]
