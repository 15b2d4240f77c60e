"""What a label of a hand-made table says: "Q1 2026 Target", "SQLs (marketing)", "Total revenue", "Win rate"."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from alignment_core.imports.headers import FIELDS, STAGE_NAMES, normalise
from alignment_core.imports.values.fiscal import quarter_in, year_in
from alignment_core.imports.values.nothing import SPACE
from alignment_core.vocabulary import RATE_DRIVER, STAGES, Stage

__all__ = ["COUNTS", "Label", "Scenario", "read_label"]

Scenario = Literal["plan", "actual", "forecast", "earlier"]

#: What a hand-made table counts.
COUNTS: tuple[str, ...] = (*STAGES, "revenue")


@dataclass(frozen=True)
class Label:
    """What a label says; what it does not say is "" or None.

    Attributes:
        quarter: with its year or without, as written.
        year: a fiscal year without a quarter, as written.
        source: Marketing or Sales.
        field: what is counted: a stage, `revenue`, a rate's driver, or `deal_size`.
        name: the words for that, as written.
        scenario: whether figures under it are a plan's, actual ones, a forecast's, or another year's.
        currency: a code or sign.
        is_total: it sums up others.
        rest: the words that say something else.
    """

    quarter: str = ""
    year: str = ""
    source: str = ""
    field: str = ""
    name: str = ""
    scenario: Scenario | None = None
    currency: str = ""
    is_total: bool = False
    rest: str = ""

    @property
    def is_clear(self) -> bool:
        """Whether every word of it is understood, and there is one."""
        return not self.rest and self != Label()

    @property
    def is_only_total(self) -> bool:
        """Whether it says nothing but that it sums up others, or a year of quarters."""
        return self.is_clear and (self.is_total or bool(self.year)) and not (self.quarter or self.source or self.field)


_COUNT_NAMES: Mapping[str, str] = {
    **STAGE_NAMES,
    **{name: field for field in COUNTS for name in (field, *FIELDS["funnel"][field])},
}
_SIZE_NAMES = frozenset(
    "dealsize averagedealsize avgdealsize avgdeal averagedeal asp acv aov averagecontractvalue avgacv averageacv averagesellingprice"
    " averageordervalue revenueperwin revenueperdeal averagerevenueperdeal durchschnittlicherdealwert".split()
)
_CLOSE_NAMES = frozenset("winrate closerate closingrate abschlussquote winpercent winratio".split())
_SCENARIOS: Mapping[str, Scenario] = {
    **dict.fromkeys("plan plans planned target targets quota quotas goal goals budget budgeted soll ziel ziele zielwert".split(), "plan"),
    **dict.fromkeys("actual actuals achieved ist results".split(), "actual"),
    **dict.fromkeys("forecast forecasted forecasts fcst outlook prognose".split(), "forecast"),
    **dict.fromkeys("prior previous last py ly vorjahr".split(), "earlier"),
}  # fmt: skip
_TOTALS = frozenset(
    "total totals grand sum overall combined all company gesamt summe subtotal ytd annual fullyear h1 h2 halfyear".split()
)
_FILLERS = frozenset(
    "number no of the count counts in sourced generated led driven originated for by # n new created per quarter".split()
)
#: Words between two stages that make a rate of them.
_RATE_WORDS = frozenset(
    "to into → > rate rates conversion conversions cvr conv percent % ratio quote ÷ / - – zu nach".split()
)
#: Words of the longest measure: marketing qualified lead to sales qualified lead conversion rate.
_LONGEST = 9
_CODES = frozenset("usd eur gbp chf cad aud jpy inr brl sek nok dkk nzd sgd hkd mxn cny pln czk zar ils krw".split())
_TOKEN = re.compile(r"[^\W_]+|[#%→>÷/$€£¥₹–-]")
_SIGNS = "$€£¥₹"


@lru_cache(maxsize=4096)
def read_label(text: str) -> Label:
    """Read a label. A word that is not known leaves it unclear."""
    text = text.strip(SPACE)[:200]
    tokens = [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(text)]
    found: dict[str, object] = {}
    span = _quarter(text, tokens)
    if span:
        found["quarter"] = text[tokens[span[0]][1] : tokens[span[1]][2]]
        tokens = tokens[: span[0]] + tokens[span[1] + 1 :]
    words = [token for token, _, _ in tokens]
    field, first, last = _measured([word.casefold() for word in words])
    if field:
        found["field"] = field
        found["name"] = text[tokens[first][1] : tokens[last][2]]
        words = words[:first] + words[last + 1 :]
    rest: list[str] = []
    joined = "".join(words).casefold()
    if joined in ("fullyear", "allsources"):
        words, found["is_total"] = [], True
    for word in words:
        low = word.casefold()
        if low in _SCENARIOS and "scenario" not in found:
            found["scenario"] = _SCENARIOS[low]
        elif low.startswith(("marketing", "sales")) and "source" not in found and _is_source(low):
            found["source"] = "Marketing" if low.startswith("m") else "Sales"
        elif low in _TOTALS:
            found["is_total"] = True
        elif (word in _SIGNS or low in _CODES) and "currency" not in found:
            found["currency"] = word
        elif not span and "year" not in found and year_in(word) and (len(word) > 2 or low.startswith("fy")):
            found["year"] = word
        elif low not in _FILLERS and word not in "-–/":
            rest.append(word)
    if found.get("scenario") == "earlier":
        rest = [word for word in rest if word.casefold() not in ("year", "period")]
    if field in RATE_DRIVER.values():
        rest = [word for word in rest if word.casefold() not in _RATE_WORDS]
    return Label(**found, rest=" ".join(rest))  # type: ignore[arg-type]


def _is_source(word: str) -> bool:
    return word in ("marketing", "sales", "marketings", "saless") or word.endswith(("sourced", "generated", "led"))


def _quarter(text: str, tokens: Sequence[tuple[str, int, int]]) -> tuple[int, int] | None:
    """The first and last word of the longest part of a text that names a quarter."""
    for length in (4, 3, 2, 1):
        for first in range(len(tokens) - length + 1):
            last = first + length - 1
            if quarter_in(text[tokens[first][1] : tokens[last][2]]):
                return first, last
    return None


def _measured(words: Sequence[str]) -> tuple[str, int, int]:
    """What is counted, with the first and last word that say so; "" where nothing is, or several things."""
    for length in range(min(_LONGEST, len(words)), 0, -1):
        for first in range(len(words) - length + 1):
            part = words[first : first + length]
            field = _field(part)
            if field:
                return field, first, first + length - 1
    return "", 0, 0


def _field(words: Sequence[str]) -> str:
    if len(words) > 1 and (rate := _rate(words)):
        return rate
    name = normalise("".join(words))
    if words[-1] == "%" and name in ("win", "close"):
        return "close_rate"
    if not all(word[0].isalnum() for word in words):
        return ""
    if name in _SIZE_NAMES:
        return "deal_size"
    return "close_rate" if name in _CLOSE_NAMES else _COUNT_NAMES.get(name, "")


def _rate(words: Sequence[str]) -> str:
    """The driver of a rate: two stages in the order of the funnel and a word or sign between them, or after."""
    stages: list[Stage] = []
    said = False
    place = 0
    while place < len(words):
        for length in (3, 2, 1):
            part = words[place : place + length]
            name = normalise("".join(part)) if all(word[0].isalnum() for word in part) else ""
            if place + length <= len(words) and _COUNT_NAMES.get(name) in STAGES:
                stages.append(_COUNT_NAMES[name])  # type: ignore[arg-type]
                place += length
                break
        else:
            if words[place] not in _RATE_WORDS:
                return ""
            said = True
            place += 1
    if len(stages) != 2 or not said:
        return ""
    return RATE_DRIVER.get((stages[0], stages[1]), "")
