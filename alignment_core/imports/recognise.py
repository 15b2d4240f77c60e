"""Headers → what a file holds, and which column is which field."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from alignment_core.imports.headers import (
    FIELDS,
    HISTORIES,
    SIGNS,
    STAGE_NAMES,
    UNREAD,
    is_personal,
    normalise,
    system_of,
)
from alignment_core.imports.model import Column, FileMapping, Kind, Refusal
from alignment_core.imports.values import EMPTY, why_no_date
from alignment_core.vocabulary import Stage

#: What a header must at least say for a kind before a file is taken for it.
_ENOUGH = 4
#: Fields without which a kind cannot be counted, any one of each group.
_NEEDED: Mapping[Kind, tuple[tuple[str, ...], ...]] = {
    "leads": (("lead_id",),),
    "deals": (("deal_id",), ("deal_stage", "deal_status", "is_won", "won_date", "closed_at")),
    "touches": (("lead_id", "deal_id"), ("at",)),
    "stage_events": (),
    "history": (("lead_id", "deal_id"), ("at",), ("reached",)),
    "funnel": (("quarter", "year"), ("mqls", "sqls", "opportunities", "wins")),
    "plan": (),
    "owners": (("owner",),),
    "accounts": (("account",),),
}
_ID = re.compile(r"([ _-]id|Id|ID|^id)$")
_DATE = re.compile(r"^\s*(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|(19|20)\d{6}\s*$)")
_MONEY = re.compile(r"^\s*[($€£R\s-]*\d[\d.,\s]*[)€]?\s*$")
#: Headers that join a file's rows to others', so that it is no file of one stage.
_JOINS = frozenset(
    {"leadid", "dealid", "opportunityid", "id", "recordid", "closedate", "closedat", "stagename", "dealstage"}
)
_IN_A_NAME: tuple[tuple[Stage, re.Pattern[str]], ...] = (
    ("mqls", re.compile(r"mqls?|marketing.?qualified")),
    ("sqls", re.compile(r"sqls?|sales.?qualified")),
    ("opportunities", re.compile(r"opportunit|(?<![a-z])opps?(?![a-z])")),
    ("wins", re.compile(r"(?<![a-z])(wins?|won)(?![a-z])")),
)
_CALLED = {
    "lead_id": "the lead's id",
    "deal_id": "the deal's id",
    "at": "when it happened",
    "owner": "the owner",
    "account": "the account",
    "reached": "the stage",
}


@dataclass(frozen=True)
class Understanding:
    """What a file's headers say.

    Attributes:
        kind: what a row is.
        system: which system wrote it.
        fields: the index of the column for each field.
        columns: every column and what became of it (without samples).
    """

    kind: Kind
    system: str
    fields: Mapping[str, int]
    columns: tuple[Column, ...]


def recognise(headers: Sequence[str], mapping: FileMapping, forced: Kind | None = None) -> Understanding:
    """Decide what a file holds and which column is which field.

    Args:
        headers: the header row.
        mapping: what the user has decided; it wins.
        forced: what the caller says that the file holds.

    Raises:
        Refusal: it is not understood, with every reason.
    """
    kind = mapping.kind or forced or _kind(headers)
    own = _by_hand(headers, mapping, kind)
    taken = set(own.values())
    decided = set(mapping.columns)
    fields, why = dict(own), dict.fromkeys(own, "chosen by hand")
    names = [normalise(header) for header in headers]
    personal = [is_personal(header) for header in headers]
    for field, known in FIELDS[kind].items():
        if field in decided:
            continue
        for name in (normalise(field), *known):
            spot = next(
                (
                    i
                    for i, other in enumerate(names)
                    if other == name
                    and i not in taken
                    and (not personal[i] or _is_account(kind, field) or (kind, field) == ("history", "about"))
                ),
                None,
            )
            if spot is not None:
                fields[field], why[field] = spot, "own name" if name == normalise(field) else "known name"
                taken.add(spot)
                break
    if (
        kind == "leads"
        and "mql_at" not in fields
        and "mql_at" not in decided
        and names[fields.get("lead_id", 0)] == "mqlid"
    ):
        # A file whose rows are MQLs: the first contact on record is when the lead became one.
        for name in ("firstcontactdate", "createdat", "createddate"):
            if name in names:
                fields["mql_at"], why["mql_at"] = names.index(name), "known name"
                fields = {
                    field: spot for field, spot in fields.items() if field == "mql_at" or spot != names.index(name)
                }
                break
    if kind == "history" and "about" not in decided and "value" not in names:
        # Only beside a value is a name that of a property; else it is the record's own.
        fields = {field: spot for field, spot in fields.items() if field != "about" or names[spot] != "name"}
    missing = [
        f"No column says {' or '.join(_CALLED.get(field, field.replace('_', ' ')) for field in group)}. Map it by hand, or export it as well."
        for group in _NEEDED[kind]
        if not any(field in fields or mapping.values.get(field) for field in group)
    ]
    if missing:
        raise Refusal(*missing)
    by_spot = {spot: field for field, spot in fields.items()}
    columns = tuple(
        Column(header, None, "personal, dropped")
        if personal[i] and i not in by_spot
        else Column(header, by_spot[i], why[by_spot[i]])  # type: ignore[arg-type]
        if i in by_spot
        else Column(header, None, "not used")
        for i, header in enumerate(headers)
    )
    return Understanding(kind, system_of(list(headers)), fields, columns)


def unrecognised(headers: Sequence[str]) -> tuple[Column, ...]:
    """The columns of a file that is not understood: all that the user can map by hand."""
    return tuple(Column(header, None, "personal, dropped" if is_personal(header) else "not used") for header in headers)


def kind_by_headers(headers: Sequence[str]) -> Kind | None:
    """What a file holds by its headers alone; None where they don't tell."""
    try:
        return _kind(headers)
    except Refusal:
        return None


def fields_of(kind: Kind) -> tuple[str, ...]:
    """The fields that a kind of file can have, in the order of their importance."""
    return tuple(FIELDS[kind])


def with_samples(columns: Sequence[Column], samples: Sequence[tuple[str, ...]]) -> tuple[Column, ...]:
    """Columns with a few of their values; never those of a personal column."""
    return tuple(
        column if column.why == "personal, dropped" else replace(column, samples=values)
        for column, values in zip(columns, samples, strict=True)
    )


def stage_of(name: str, headers: Sequence[str], samples: Sequence[Sequence[str]]) -> tuple[bool, Stage | None]:
    """Whether a file that nobody said anything about is of stages, and the one stage that it is of.

    It is where its column `stage` holds nothing but stages, or where it is named after one, has one column of
    dates and nothing that looks like a CRM's record.
    """
    names = [normalise(header) for header in headers]
    columns = [_filled(samples, place) for place in range(len(headers))]
    dates = [cells for header, cells in zip(headers, columns, strict=True) if _are_dates(header, cells)]
    if _JOINS.intersection(names) or not dates:
        return False, None
    for header, cells in zip(names, columns, strict=True):
        if (
            header in FIELDS["stage_events"]["stage"]
            and cells
            and all(normalise(cell) in STAGE_NAMES for cell in cells)
        ):
            return True, None
    named = [stage for stage, pattern in _IN_A_NAME if pattern.search(name.casefold())]
    if len(named) != 1 or len(dates) != 1:
        return False, None
    try:
        _kind(headers)
    except Refusal:
        return True, named[0]
    return False, None


def stage_columns(headers: Sequence[str], samples: Sequence[Sequence[str]], mapping: FileMapping) -> FileMapping:
    """In a stage file the only column of dates is its date, and the only column of money its amount.

    Raises:
        Refusal: there is no column of dates, or several, none of which has the name of the stage's date.
    """
    dates, amounts = [], []
    for i, header in enumerate(headers):
        values = _filled(samples, i)
        if not values or is_personal(header) or _ID.search(header):
            continue
        if _are_dates(header, values):
            dates.append(header)
        elif all(_MONEY.match(value) for value in values):
            amounts.append(header)
    chosen = dict(mapping.columns)
    known = {name for names in FIELDS["stage_events"].values() for name in names}
    for field, found in (("at", dates), ("amount", amounts)):
        if field in chosen or not found:
            continue
        aliases = {normalise(field), *FIELDS["stage_events"][field]}
        if field == "amount" and aliases.intersection(map(normalise, headers)):
            continue  # the one that is called so, even where nothing stands in it
        named = [header for header in found if normalise(header) in aliases]
        if len(found) == 1 and (field == "at" or normalise(found[0]) not in known - aliases):
            chosen[field] = found[0]
        elif field == "at" and len(named) != 1:
            listed = ", ".join(map(repr, found))
            raise Refusal(
                f"Several columns hold dates ({listed}), and none is the stage's by its name. "
                f'Map the one that is: at = "{found[0]}".'
            )
    if "at" not in chosen and not dates:
        raise Refusal(
            "No column of dates was found, so nothing says when a record reached the stage. Export that date as well."
        )
    return replace(mapping, columns=chosen)


def _filled(samples: Sequence[Sequence[str]], place: int) -> list[str]:
    """What stands in a column, without what stands for nothing."""
    return [cell for row in samples if (cell := row[place].strip()) not in EMPTY]


def _are_dates(header: str, values: Sequence[str]) -> bool:
    """Whether a column's values are dates; mere numbers (Excel's days, seconds since 1970) only where its name says so."""
    named = normalise(header) in FIELDS["stage_events"]["at"]
    return bool(values) and all(
        named
        if value.isdecimal() and not _DATE.match(value)
        else bool(_DATE.match(value)) or why_no_date(value) is None
        for value in values
    )


def _is_account(kind: Kind, field: str) -> bool:
    """A company's own name identifies an account, which is no person."""
    return (kind, field) == ("accounts", "account") or (kind == "deals" and field == "account")


def _by_hand(headers: Sequence[str], mapping: FileMapping, kind: Kind) -> dict[str, int]:
    """The columns that the user chose, or every reason why they cannot be taken."""
    chosen = {field: header for field, header in mapping.columns.items() if header}
    reasons = [
        f"There is no field {field!r} in {kind}. It has {', '.join(FIELDS[kind])}."
        for field in mapping.columns
        if field not in FIELDS[kind]
    ]
    listed = ", ".join(map(repr, headers))
    for header in dict.fromkeys(chosen.values()):
        fields = [field for field, other in chosen.items() if other == header]
        if header not in headers:
            reasons.append(f"The mapping names a column {header!r}, which the file does not have. It has {listed}.")
        elif is_personal(header) and not (fields == ["account"] and _is_company(kind, header)):
            reasons.append(f"The column {header!r} holds personal data, which is never read. Map another column.")
        elif len(fields) > 1:
            reasons.append(f"The column {header!r} is mapped to {' and '.join(fields)}. It can be only one of them.")
    if reasons:
        raise Refusal(*reasons)
    return {field: list(headers).index(header) for field, header in chosen.items()}


def _is_company(kind: Kind, header: str) -> bool:
    """A company's name identifies an account, which is no person."""
    return normalise(header) in ("company", "companyname", *(("name",) if kind == "accounts" else ()))


def _kind(headers: Sequence[str]) -> Kind:
    names = {normalise(header) for header in headers}
    if any(names.issuperset(has) for has in HISTORIES):
        return "history"
    for unread in UNREAD:
        if names.issuperset(unread.has) and not names.intersection(unread.lacks):
            raise Refusal(f"This looks like {unread.name}. {unread.advice}")
    scores = {kind: sum(points for name, points in signs.items() if name in names) for kind, signs in SIGNS.items()}
    best = max(scores, key=scores.__getitem__)
    if scores[best] < _ENOUGH:
        listed = ", ".join(map(repr, headers[:12])) + (" …" if len(headers) > 12 else "")
        raise Refusal(
            f"The headers don't tell what a row is ({listed}). Say what the file holds and map its columns, "
            "or export leads with the dates they became MQL and SQL, or opportunities with amount, stage and close date."
        )
    rivals = [kind for kind, score in scores.items() if score == scores[best] and kind != best]
    if rivals:
        raise Refusal(f"The headers fit {best} as well as {', '.join(rivals)}. Say which it is.")
    return best
