"""What of an agreement stands on its one page, and what goes to the annex. Word lays a page out; this only counts lines."""

import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from alignment_core.export.agreement_terms import Section, Segment

__all__ = ["FRONT_SEGMENTS", "LINES", "Front", "fitted", "lines_of", "shortened"]

#: Lines of terms that a page has room for beside the table, the signatures and two lines of a company's name.
LINES = {"Letter": 30, "A4": 33}
#: Plans per segment that the page has room for; each takes as much as a line of terms.
FRONT_SEGMENTS = 8
#: Characters of an amount that stand on one line of the table per segment.
_ONE_LINE = 14
#: What a term ends with that is longer than its part of the page.
_IN_ANNEX = " The rest of it is in the annex."


@dataclass(frozen=True)
class Front:
    """What is on the page, and in the annex in full because the page has only a part of it."""

    sections: tuple[Section, ...]
    segments: tuple[Segment, ...]
    annex_sections: tuple[Section, ...]
    annex_segments: tuple[Segment, ...]

    @property
    def has_annex(self) -> bool:
        return bool(self.annex_sections or self.annex_segments)


def fitted(sections: Sequence[Section], segments: Sequence[Segment], *, lines: int, width: float, size: float) -> Front:
    """Share the page's lines among the terms: short ones stand whole, and long ones share what is left.

    Args:
        lines: how many there are of terms, see `LINES`; a segment takes one of them.
        width, size: of the terms' column, and of their type, in points.
    """
    shown = segments if len(segments) <= FRONT_SEGMENTS else segments[:FRONT_SEGMENTS]
    taken = 3 + sum(2 if max(len(each.revenue), len(each.owed)) > _ONE_LINE else 1 for each in shown) if shown else 0
    needs = [lines_of(" ".join(section.sentences), width, size) for section in sections]
    allowed = _shares(needs, lines - taken)
    front, annex = [], []
    for section, need, room in zip(sections, needs, allowed, strict=True):
        if need <= room:
            front.append(section)
            continue
        beginning = shortened(" ".join(section.sentences), room, width, size, end=f"…{_IN_ANNEX}")
        front.append(Section(section.heading, (beginning,)))
        annex.append(section)
    return Front(tuple(front), tuple(shown), tuple(annex), tuple(segments) if len(segments) > len(shown) else ())


def _shares(needs: Sequence[int], total: int) -> list[int]:
    """Lines for each: the smallest needs are met first, the others get equal parts of what is left."""
    allowed = [0] * len(needs)
    left = total
    in_order = sorted(range(len(needs)), key=lambda place: needs[place])
    for rank, place in enumerate(in_order):
        allowed[place] = max(1, min(needs[place], left // (len(needs) - rank)))
        left -= allowed[place]
    return allowed


def shortened(text: str, lines: int, width: float, size: float, end: str = "…") -> str:
    """A text of no more than so many lines of a width in points; what was cut is marked by its end."""
    if lines_of(text, width, size) <= lines:
        return text
    kept = bisect_left(range(len(text)), True, key=lambda at: lines_of(text[: at + 1] + end, width, size) > lines)
    at_word = text[:kept].rsplit(" ", 1)[0]
    return (at_word if len(at_word) > 0.7 * kept else text[:kept]).rstrip(" ,;:.") + end


def lines_of(text: str, width: float, size: float) -> int:
    """How many lines of a width in points a text takes; a word that is longer than a line is broken."""
    lines, used = 1, 0.0
    for word in text.split(" "):
        length = sum(map(_width, word)) * size
        if used and used + size * _SPACE + length <= width:
            used += size * _SPACE + length
            continue
        if used:
            lines += 1
        lines += int(length // width)
        used = length % width
    return lines


#: The width of a space in ems.
_SPACE = 0.28


@lru_cache(maxsize=4_096)
def _width(char: str) -> float:
    """The width of a character in ems, in a sans-serif type such as Arial, rather too wide than too narrow."""
    if unicodedata.combining(char):
        return 0.0
    if char in " .,;:'|!iljItf()[]/-":
        return 0.34
    if ord(char) > 0x2E7F or unicodedata.east_asian_width(char) in "WF":
        return 1.05
    if char in "mwMW%@—…→":
        return 1.0
    return 0.73 if char.isupper() else 0.57 if ord(char) < 0x250 else 0.8
