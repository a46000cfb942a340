"""The stages that something runs through, as components/steps.html shows them."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Stage:
    label: str | Promise
    done: bool
    current: bool


def stages(way: Mapping[str, str | Promise], here: str) -> list[Stage]:
    """Return the stages of a way (label by state, in order), none when `here` lies beside it.

    The last stage is done as soon as it is reached.
    """
    states = list(way)
    if here not in way:
        return []
    place, is_over = states.index(here), here == states[-1]
    return [
        Stage(label, done=n < place or is_over, current=n == place and not is_over)
        for n, label in enumerate(way.values())
    ]
