"""Columns that nothing recognised → the field they may be. Offered to the user, never taken by itself.

Two things must speak for a field: the column's name, and what its values look like. Names that merely look alike are
no sign ("Last Activity Date" is as near to "SQL date" as "Became SQL on" is), so the words of a name are weighed first:
a stage's date must name the stage, and a date that is "last", "next" or "modified" is no stage's.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rapidfuzz import fuzz

from alignment_core.imports.headers import FIELDS, STAGE_NAMES, TYPES, is_personal, normalise
from alignment_core.imports.model import Column, Kind

__all__ = ["Suggestion", "suggest", "with_suggestions"]


@dataclass(frozen=True)
class Suggestion:
    """A field that a column may be.

    Attributes:
        field: the field.
        why: what speaks for it, in words.
        score: how much does, 0-100.
    """

    field: str
    why: str
    score: float


#: What a suggestion must reach; and how near to the best column for a field another must come to be offered as well.
_ENOUGH, _RIVAL = 65.0, 5.0
#: The share of a column's values that must look like the field's.
_MOST = 0.8
#: At most as many different values make a list to choose from.
_LIST = 40

#: One of these words a column must have in its name to be suggested for the field.
_WORDS: Mapping[str, frozenset[str]] = {
    field: frozenset(words.split())
    for field, words in {
        "mql_at": "mql mqls marketingqualified",
        "sql_at": "sql sqls salesqualified",
        "opportunity_at": "opportunity opportunities opp opps converted conversion",
        "won_at": "won win wins customer kunde gewonnen",
        "won_date": "won win wins signed gewonnen",
        "lost_at": "lost disqualified unqualified rejected verloren",
        "created_at": "created create creation added entered opened registered captured erstellt angelegt",
        "closed_at": "close closed closing signed signature booked booking won abschluss geschlossen",
        "amount": "amount value revenue price total acv arr tcv mrr bookings worth volume size betrag wert umsatz volumen",
        "revenue": "revenue amount value bookings sales acv arr tcv umsatz betrag",
        "lead_id": "lead contact prospect mql sql person kontakt",
        "deal_id": "deal opportunity opp potential",
        "account": "account company customer organization organisation firma kunde",
        "owner": "owner rep seller agent executive manager assigned responsible",
        "is_won": "won win success gewonnen",
        "is_closed": "closed",
        "is_deleted": "deleted removed",
        "personalised": "personalised personalized personal tailored individual",
        "lead_source": "source channel origin quelle herkunft kanal",
        "mqls": "mql mqls marketingqualified",
        "sqls": "sql sqls salesqualified",
        "opportunities": "opportunity opportunities opp opps",
        "wins": "won win wins deals customers",
    }.items()
}
_STAGES = _WORDS["mql_at"] | _WORDS["sql_at"] | _WORDS["opportunity_at"] | _WORDS["won_at"]
#: A column of dates with one of these words in its name says when something else happened.
_OTHER_DATE = frozenset(
    "last latest next modified updated changed recent previous prior expected estimated planned due target follow followup reminder"
    " activity review renewal birthday anniversary sync synced export exported import imported zuletzt letzte letzter letztes"
    " geändert nächste nächster fällig geplant".split()
)
#: An amount with one of these words in its name is not what was sold.
_OTHER_AMOUNT = frozenset(
    "expected weighted forecast quota target budget cost costs spend discount tax margin commission annual probability score"
    " declared count quantity erwartet gewichtet kosten rabatt steuer".split()
)
#: Of these a size is an amount; of a catalogue or a team it is a count.
_SOLD = frozenset("deal opportunity opp contract order".split())
_ID_WORDS = frozenset("id ids key number no nr num code ref reference uuid guid nummer kennung".split())
#: What the first three characters of Salesforce's record ids say.
_PREFIX = {"00Q": "lead_id", "003": "lead_id", "006": "deal_id", "001": "account", "005": "owner"}

_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[-/. ]+(\d{1,2}|[^\W\d_]{3,9}\.?)[-/., ]+\d{2,4}([ T,].*)?"
    r"|[^\W\d_]{3,9}\.? \d{1,2},? \d{4}( .*)?|(19|20)\d{6}|1[0-9]{12}"
)
_MONEY = re.compile(r"\(?-?\s*([A-Z]{3}|[A-Z]{0,2}[$€£¥])?\s*-?\d[\d.,'’\s]*\s*([A-Z]{3}|[€$£¥])?\)?")
_WHOLE = re.compile(r"\d{1,3}([,.' ]\d{3})+|\d{1,9}")
_PERCENT = re.compile(r"-?\d+([.,]\d+)?\s*%")
_YEAR = re.compile(r"(FY)?\s?(19|20)\d{2}")
_QUARTER = re.compile(r"((FY)?\s?(20)?\d{2}\s?[-/ ]?\s?Q[1-4]|Q[1-4]([-/ ]?\s?(FY)?\s?'?(20)?\d{2})?)", re.IGNORECASE)
_RECORD = re.compile(r"(?=.*\d)[\w.:/-]{2,64}")
_MAIL = re.compile(r"\S+@\S+\.\w+")
_FLAGS = frozenset("true false yes no y n t f 1 0 x ja nein won lost open".split())
_WON_OR_LOST = frozenset("won lost closedwon closedlost gewonnen verloren".split())


def suggest(
    headers: Sequence[str], samples: Sequence[Sequence[str]], kind: Kind, taken_fields: Mapping[str, int]
) -> dict[int, Suggestion]:
    """What the columns without a field may be, by their place in the header.

    Args:
        headers: the header row.
        samples: some of the records; empty cells are "".
        kind: what a row is.
        taken_fields: the fields that have a column, and its place.

    A field is suggested once, or for each of several columns that are about as likely.
    """
    taken = set(taken_fields.values())
    found: dict[int, Suggestion] = {}
    for place, header in enumerate(headers):
        values = [cell for row in samples if place < len(row) and (cell := row[place].strip())]
        if place in taken or is_personal(header) or not values:
            continue
        scored = [
            suggestion
            for field in FIELDS[kind]
            if field not in taken_fields and (suggestion := _scored(kind, field, header, values))
        ]
        if scored:
            found[place] = max(scored, key=lambda suggestion: suggestion.score)
    best = {
        suggestion.field: max(other.score for other in found.values() if other.field == suggestion.field)
        for suggestion in found.values()
    }
    return {place: each for place, each in found.items() if each.score >= best[each.field] - _RIVAL}


def with_suggestions(columns: Sequence[Column], samples: Sequence[Sequence[str]], kind: Kind) -> tuple[Column, ...]:
    """A file's columns, those without a field with what they may be."""
    taken = {column.field: place for place, column in enumerate(columns) if column.field}
    found = suggest([column.header for column in columns], samples, kind, taken)
    return tuple(
        replace(column, suggestion=found[place].field, suggested_because=found[place].why) if place in found else column
        for place, column in enumerate(columns)
    )


def _scored(kind: Kind, field: str, header: str, values: Sequence[str]) -> Suggestion | None:
    """A column held against one field; None where nothing or too little speaks for it."""
    if _is_known_otherwise(field, header):
        return None
    words = _words(header)
    share, seen = _fit(field, words, values)
    if share < _MOST:
        return None
    telling = _telling(field, values)
    if not telling and not _may_be(kind, field, words):
        return None
    alike, name = _likeness(kind, field, header)
    score = 100.0 if telling else 0.6 * max(alike, 80.0 if _WORDS.get(field) else 0.0) + 40.0 * share
    if score < _ENOUGH or (not telling and field not in _WORDS and alike < 80.0):
        return None
    count = f"{round(share * len(values))} of {len(values)}" if share < 1 else "all"
    by_name = "its name says so" if words & _WORDS.get(field, frozenset()) else f"its name is like {name!r}"
    return Suggestion(field, f"{count} values seen {seen}" + ("" if telling else f", and {by_name}"), round(score, 1))


def _is_known_otherwise(field: str, header: str) -> bool:
    """Whether a name is that of another field in some file: a stage is no state, however alike the words are."""
    name = normalise(header)
    meant = {
        other for fields in FIELDS.values() for other, names in fields.items() if name in (normalise(other), *names)
    }
    return bool(meant) and field not in meant


def _may_be(kind: Kind, field: str, words: frozenset[str]) -> bool:
    """Whether the words of a column's name allow a field."""
    kind_of_value = TYPES.get(field, "text")
    if kind_of_value == "time":
        if words & _OTHER_DATE:
            return False
        if field == "sql_at" and "accepted" in words:
            return False
        if field == "created_at" and kind == "leads" and words & _STAGES:
            return False
        if field == "at" and kind == "touches":
            return not words & frozenset("created due".split())
    if kind_of_value == "money":
        if words & _OTHER_AMOUNT:
            return False
        if words & _WORDS.get(field, frozenset()) == {"size"} and not words & _SOLD:
            return False
    if field in ("lead_id", "deal_id") and not words & _ID_WORDS:
        return False
    # A name that speaks of another stage, or of no stage, is no stage's.
    return not (needed := _WORDS.get(field)) or bool(words & needed)


def _fit(field: str, words: frozenset[str], values: Sequence[str]) -> tuple[float, str]:
    """The share of the values that look like the field's, and what they look like."""
    distinct = len({value.casefold() for value in values})
    match TYPES.get(field, "number" if field == "employees" else "money" if field == "annual_revenue" else "text"):
        case "time":
            return _share(values, _DATE), "are dates"
        case "money":
            return (0.0 if _share(values, _YEAR) > _MOST else _share(values, _MONEY)), "are amounts"
        case "number":
            return _share(values, _WHOLE), "are whole numbers"
        case "flag":
            return _part(values, lambda value: value.casefold() in _FLAGS), "are yes or no"
        case "year":
            return _share(values, _YEAR), "are years"
        case "quarter" | "quarter number":
            return _share(values, _QUARTER), "are quarters"
        case "stage":
            return _part(values, lambda value: normalise(value) in STAGE_NAMES), "are stages"
        case "source":
            return _part(values, lambda value: value.casefold() in ("marketing", "sales")), "are marketing or sales"
        case "id" if field in ("lead_id", "deal_id"):
            # A record's own id is another one in each row; another record's may come again.
            mails = _share(values, _MAIL)
            return (
                (mails, "are addresses, of which only codes are kept")
                if mails > _MOST
                else (_share(values, _RECORD), "are ids")
            )
        case "id":
            # Whether there is an account or an owner is not which.
            return _part(
                values, lambda value: not _is_other(value) and value.casefold() not in _FLAGS
            ), "are ids or names"
    is_list = distinct <= _LIST and distinct <= max(2, 0.8 * len(values)) and all(len(value) <= 60 for value in values)
    return (_part(values, lambda value: not _is_other(value)) if is_list else 0.0), f"come from a list of {distinct}"


def _telling(field: str, values: Sequence[str]) -> bool:
    """Whether the values alone say what they are: Salesforce's ids, stages, won and lost."""
    if field in _PREFIX.values():
        return (
            _part(values, lambda value: len(value) in (15, 18) and value.isalnum() and _PREFIX.get(value[:3]) == field)
            > _MOST
        )
    if field == "deal_stage":
        return any(normalise(value) in _WON_OR_LOST for value in values) and len(set(values)) <= _LIST
    return field in ("source", "stage")


def _is_other(value: str) -> bool:
    """Whether a value is of a type of its own, and so no choice from a list."""
    return any(pattern.fullmatch(value) for pattern in (_DATE, _MONEY, _PERCENT, _MAIL))


def _share(values: Sequence[str], pattern: re.Pattern[str]) -> float:
    return _part(values, lambda value: bool(pattern.fullmatch(value)))


def _part(values: Sequence[str], holds: Callable[[str], bool]) -> float:
    return sum(map(holds, values)) / len(values)


def _likeness(kind: Kind, field: str, header: str) -> tuple[float, str]:
    """How like a column's name is to the names that the field is known by (0-100), and the nearest of them."""
    name = normalise(header)
    words = " ".join(sorted(_words(header)))

    def alike(known: str) -> float:
        part = fuzz.partial_ratio(name, known) if min(len(name), len(known)) >= 5 else 0.0
        return max(fuzz.ratio(name, known), 0.9 * part, fuzz.token_sort_ratio(words, known))

    own = field.removesuffix("_at").replace("_", " ")
    return max(((alike(known), known) for known in (own, *FIELDS[kind][field])), key=lambda pair: pair[0])


def _words(header: str) -> frozenset[str]:
    """The words of a name, in whatever way it joins them: "Became SQL on", "dateBecameSQL", "sql_since__c"."""
    apart = re.sub(
        r"(?<=[a-zäöüß0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z](?:[a-rt-z]|s[a-z]))", " ", re.sub(r"_+c$", "", header.strip())
    )
    words = re.findall(r"[^\W\d_]+", apart.casefold())
    joined = {f"{first}{second}" for first, second in pairwise(words) if second == "qualified"}
    return frozenset(words) | joined
