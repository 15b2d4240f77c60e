"""A plan sheet → a proposed agreement: each figure with where it came from. Nothing is in effect until somebody takes it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import floor, inf
from typing import Any

import tomli_w

from alignment_core.agreement import Agreement, AgreementError
from alignment_core.currencies import code
from alignment_core.errors import DataError
from alignment_core.imports.model import PlanFigure
from alignment_core.vocabulary import Source
from alignment_core.wording import count

__all__ = ["Proposal", "figures_in_words", "planned_quarters", "propose"]

#: The chain of an agreement: each measure and the factor that leads to the next.
_CHAIN = (
    ("mqls", "mql_to_sql"),
    ("sqls", "sql_to_opportunity"),
    ("opportunities", "close_rate"),
    ("wins", "deal_size"),
    ("revenue", ""),
)
_MEASURES = tuple(measure for measure, _ in _CHAIN)
_FACTORS: Mapping[Source, tuple[str, ...]] = {
    "marketing": ("mql_to_sql", "sql_to_opportunity", "close_rate", "deal_size"),
    "sales": ("sql_to_opportunity", "close_rate", "deal_size"),
}
_SIDES: tuple[Source, ...] = ("marketing", "sales")
_NAMES = {
    "mqls": "MQLs", "sqls": "SQLs", "opportunities": "opportunities", "wins": "wins", "revenue": "revenue", "mql_to_sql": "MQL→SQL",
    "sql_to_opportunity": "SQL→opportunity", "close_rate": "close rate", "deal_size": "deal size",
}  # fmt: skip
_THEIR: Mapping[Source, str] = {"marketing": "marketing's", "sales": "sales'"}
_CURRENCY = re.compile(r"US\$|CA?\$|AU?\$|R\$|[$€£¥₹]|\b(?:USD|EUR|GBP|CHF|CAD|AUD|JPY|INR|BRL|SEK|NOK|DKK)\b")


@dataclass(frozen=True)
class Proposal:
    """What a plan sheet proposes for a quarter.

    Attributes:
        quarter: YYYY-Qn.
        values: an agreement's values, as in its file; perhaps not all.
        origins: where each came from, in words, by its dotted path in the file.
        missing: what neither the sheet nor anything before it says, in sentences.
        contradictions: figures of the sheet that do not fit each other, in sentences.
        notes: what else its reader must know, in sentences.
        agreement: the same as an agreement; None where something is missing.
    """

    quarter: str
    values: Mapping[str, Any]
    origins: Mapping[str, str]
    missing: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    agreement: Agreement | None = None

    def to_toml(self) -> str:
        """An agreement file with comments that say where each figure came from."""
        text = self.agreement.to_toml() if self.agreement else tomli_w.dumps(dict(self.values))
        lines = ["# A proposal, made from a plan sheet. It is in effect only when somebody takes it."]
        for heading, sentences in (
            ("The sheet contradicts itself", self.contradictions),
            ("Missing", self.missing),
            ("Note", self.notes),
        ):
            lines += [f"# {heading}: {_one_line(sentence)}" for sentence in sentences]
        table = ""
        for line in text.splitlines():
            if header := re.fullmatch(r"\[([\w.]+)\]", line):
                table = f"{header[1]}."
            key = re.match(r"([\w-]+) = ", line)
            origin = self.origins.get(f"{table}{key[1]}") if key else None
            lines.append(f"{line}  # {_one_line(origin)}" if origin else line)
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class _Said:
    """A figure of the sheet and where it stands."""

    value: float
    where: str
    rough: float  # how far it may be from what was meant, as it was rounded


@dataclass
class _Draft:
    """A proposal while it is put together."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


_Table = Mapping[tuple[Source | None, str], _Said]


def planned_quarters(figures: Sequence[PlanFigure]) -> tuple[str, ...]:
    """The quarters that a plan has figures for, in order."""
    return tuple(sorted({figure.quarter for figure in figures}))


def figures_in_words(figures: Sequence[PlanFigure], quarter: str) -> str:
    """What a plan says of a quarter, in a line: "marketing MQLs 164, revenue 1.7M"."""
    own = [figure for figure in figures if figure.quarter == quarter]
    said = [
        f"{f'{figure.source} ' if figure.source else ''}{f'{figure.segment} ' if figure.segment else ''}"
        f"{_NAMES.get(figure.field, figure.name)} {_shown(figure.field, figure.value)}"
        for figure in own
    ]
    return ", ".join(said[:8]) + (f" and {len(said) - 8} more figures" if len(said) > 8 else "")


def propose(
    figures: Sequence[PlanFigure], quarter: str, base: Agreement | None = None, before: str = "the agreement before"
) -> Proposal:
    """An agreement for a quarter from the figures of a plan sheet.

    Args:
        figures: of the sheet, of any quarters.
        quarter: the quarter to propose for.
        base: what holds where the sheet does not say: another agreement, or a draft from history.
        before: what `base` is, in words.

    Rates and deal sizes that the sheet does not state follow from its own volumes where it has those on both sides of
    the rate. Where its figures contradict each other, that is said, and the rates, deal sizes and revenue stand.
    Raises DataError where the sheet has nothing for the quarter.
    """
    own = [figure for figure in figures if figure.quarter == quarter]
    if not own:
        listed = ", ".join(planned_quarters(figures)) or "none"
        raise DataError(f"The plan has nothing for {quarter}; it has figures for {listed}.")
    draft = _Draft()
    table = _table(own, draft)
    _frame(own, quarter, base, before, draft)
    factors = {side: _factors(side, table, base, before, draft) for side in _SIDES}
    _revenue(table, factors, base, before, draft)
    for side in _SIDES:
        _contradict(side, table, draft)
    if not any(source for source, _ in table):
        _contradict(None, table, draft)
    _sides(factors, base, draft)
    agreement = _checked(draft)
    if agreement:
        draft.notes += _follows(agreement, table)
    return Proposal(
        quarter, draft.values, draft.origins, tuple(draft.missing), tuple(draft.contradictions), tuple(draft.notes), agreement
    )  # fmt: skip


def _table(own: Sequence[PlanFigure], draft: _Draft) -> _Table:
    """Each measure of each source: segments summed, repetitions and totals held against each other."""
    groups: dict[tuple[Source | None, str], dict[str, PlanFigure]] = {}
    for figure in own:
        if figure.field not in (*_MEASURES, *_FACTORS["marketing"]):
            reason = (
                "does not say what it counts"
                if not figure.field
                else "spans several stages, and is agreed step by step"
            )
            draft.notes.append(f"{figure.name!r} ({figure.text}, row {figure.row}) {reason}; it was not taken.")
            continue
        cells = groups.setdefault((figure.source, figure.field), {})
        first = cells.setdefault(figure.segment, figure)
        if first.value != figure.value:
            draft.contradictions.append(
                f"{_called(figure)} is {first.text} in row {first.row}, {first.column!r}, and {figure.text} in row {figure.row}, "
                f"{figure.column!r}. The first was taken."
            )
    table: dict[tuple[Source | None, str], _Said] = {}
    for (source, name), cells in groups.items():
        parts = [figure for segment, figure in cells.items() if segment]
        whole = cells.get("")
        if parts and name not in _MEASURES:
            if whole is None:
                draft.notes.append(
                    f"{_called(parts[0])} is planned per segment (row {', '.join(str(part.row) for part in parts)}); it was not taken. "
                    "Enter it under Plans per segment."
                )
                continue
            parts = []
        if parts:
            total = sum(part.value for part in parts)
            listed = ", ".join(f"{part.segment} {part.text}" for part in parts[:6])
            if whole is not None and abs(whole.value - total) > 0.5 * len(parts):
                draft.contradictions.append(
                    f"{_called(whole)} is {whole.text} in row {whole.row}, while its parts ({listed}) sum to {_shown(name, total)}. The parts were taken."
                )
            where = f"the sheet, the sum of rows {', '.join(str(part.row) for part in parts)}"
            table[source, name] = _Said(total, where, sum(map(_rough, parts)))
        elif whole is not None:
            table[source, name] = _Said(whole.value, _where(whole), _rough(whole))
    return table


def _frame(own: Sequence[PlanFigure], quarter: str, base: Agreement | None, before: str, draft: _Draft) -> None:
    """What an agreement has besides its plan."""
    if base:
        kept = base.model_dump(
            exclude={"quarter", "revenue_target", "split", "marketing", "sales", "segments"}, exclude_none=True
        )
        draft.values |= kept
        draft.origins |= dict.fromkeys(("company", "currency", "fiscal_year_start_month", "timezone"), f"from {before}")
    else:
        draft.values |= {"company": "Your company", "fiscal_year_start_month": 1, "currency": "USD"}
        draft.origins |= {
            "company": "not in the sheet: write your company's name",
            "fiscal_year_start_month": "the default: the sheet does not say it",
            "currency": "the default: the sheet does not say it",
        }
    draft.values["quarter"] = quarter
    draft.origins["quarter"] = f"from the sheet, column {own[0].column!r}"
    home = draft.values["currency"]
    found: dict[str, PlanFigure] = {}
    sign_of: dict[str, str] = {}
    for figure in own:
        sign = figure.currency or (match[0] if (match := _CURRENCY.search(figure.text)) else "")
        if sign:
            found.setdefault(code(sign, home), figure)
            sign_of.setdefault(code(sign, home), sign)
    known = {name: figure for name, figure in found.items() if re.fullmatch("[A-Z]{3}", name)}
    if len(known) == 1:
        name, figure = next(iter(known.items()))
        draft.values["currency"], draft.origins["currency"] = (
            name,
            f"from the sheet's {sign_of[name]!r}, row {figure.row}",
        )
    elif len(known) > 1:
        draft.contradictions.append(
            f"The sheet's amounts are in several currencies: {', '.join(known)}. Nothing was converted."
        )


def _factors(
    side: Source, table: _Table, base: Agreement | None, before: str, draft: _Draft
) -> dict[str, tuple[float, str]]:
    """The rates and the deal size of a side, each with its origin; what nothing says is left out."""
    found: dict[str, tuple[float, str]] = {}
    plan = getattr(base, side) if base else None
    for place, (measure, name) in enumerate(_CHAIN[:-1]):
        if name not in _FACTORS[side]:
            continue
        following = _CHAIN[place + 1][0]
        shared = () if measure == "mqls" else (None,)  # all SQLs follow from marketing's MQLs only in part
        if said := table.get((side, name)):
            found[name] = said.value, f"from {said.where}"
        elif said := table.get((None, name)):
            found[name] = said.value, f"from {said.where}, which names no source"
        elif derived := _derived(table, (side, *shared), measure, following, name):
            found[name] = derived
        elif plan is not None:
            found[name] = getattr(plan, name), f"from {before}: the sheet does not say it"
    return found


def _derived(
    table: _Table, sources: Sequence[Source | None], measure: str, following: str, name: str
) -> tuple[float, str] | None:
    """A rate or deal size from the sheet's own volumes on both its sides."""
    for source in sources:
        first, second = table.get((source, measure)), table.get((source, following))
        if first and second and first.value > 0 and second.value > 0:
            value = second.value / first.value
            if name != "deal_size" and value > 1:
                continue
            digits = round(value, 2) if name == "deal_size" else float(f"{value:.4g}")
            words = f"{_shown(following, second.value)} {_NAMES[following]} ÷ {_shown(measure, first.value)} {_NAMES[measure]}"
            return digits, f"from the sheet's volumes: {words}"
    return None


def _revenue(
    table: _Table, factors: Mapping[Source, Mapping[str, tuple[float, str]]], base: Agreement | None, before: str, draft: _Draft
) -> None:  # fmt: skip
    """The target and its split."""
    own: dict[Source, tuple[float, str]] = {}
    for side in _SIDES:
        if said := table.get((side, "revenue")):
            own[side] = said.value, said.where
    total = table.get((None, "revenue"))
    if len(own) == 1 and total:
        (side,) = own
        other: Source = "sales" if side == "marketing" else "marketing"
        rest = total.value - own[side][0]
        if rest >= 0:
            own[other] = rest, f"{total.where} less {_THEIR[side]}"
    if not own and not total:
        own = {side: found for side in _SIDES if (found := _from_volumes(side, table, factors[side]))}
        if own and base and len(own) == 1:
            missing: Source = "sales" if "marketing" in own else "marketing"
            own[missing] = base.revenue_target * getattr(base.split, missing), before
    if own:
        target = sum(value for value, _ in own.values())
        if total and len(own) == 2 and abs(total.value - target) > 1:
            parts = " + ".join(f"{side} {_shown('revenue', value)}" for side, (value, _) in own.items())
            draft.contradictions.append(
                f"Revenue: {parts} = {_shown('revenue', target)}, while the sheet's total is {_shown('revenue', total.value)} ({total.where}). "
                "The sources' sum was taken."
            )
        # Rounded down: a share that is a hair too large asks for one MQL more than the sheet does.
        share = floor(own["marketing"][0] / target * 1e9 + 1e-3) / 1e9 if "marketing" in own and target else 0.0
        where = "; ".join(f"{side}: {where}" for side, (_, where) in own.items())
        draft.origins["revenue_target"] = f"from {where}"
        draft.origins |= {f"split.{side}": f"from the revenue of each source: {where}" for side in _SIDES}
        if len(own) == 1:
            draft.notes.append(f"The sheet plans revenue for {next(iter(own))} only; the other side's share is 0.")
        draft.values |= {
            "revenue_target": round(target, 2),
            "split": {"marketing": share, "sales": round(1 - share, 9)},
        }
        return
    if total:
        draft.values["revenue_target"], draft.origins["revenue_target"] = total.value, f"from {total.where}"
    elif base:
        draft.values["revenue_target"] = base.revenue_target
        draft.origins["revenue_target"] = f"from {before}: the sheet does not say it"
    else:
        draft.missing.append("The sheet has no revenue target, and no volumes with rates and deal size that make one.")
    if base:
        draft.values["split"] = base.split.model_dump()
        draft.origins |= {f"split.{side}": f"from {before}: the sheet does not say it" for side in _SIDES}
    else:
        draft.missing.append(
            "The sheet does not say how much of the revenue marketing sources and how much sales does."
        )


def _from_volumes(side: Source, table: _Table, factors: Mapping[str, tuple[float, str]]) -> tuple[float, str] | None:
    """A side's revenue from the furthest stage that the sheet plans, by its rates and deal size."""
    sources: tuple[Source | None, ...] = (side, None) if side == "marketing" else (side,)
    for place in range(len(_CHAIN) - 2, -1, -1):
        measure = _CHAIN[place][0]
        steps = [name for _, name in _CHAIN[place:-1]]
        for source in sources:
            said = table.get((source, measure)) if source or measure == "mqls" else None
            if said and all(name in factors for name in steps):
                value = said.value
                for name in steps:
                    value *= factors[name][0]
                words = " × ".join(
                    [
                        f"{_shown(measure, said.value)} {_NAMES[measure]}",
                        *(_shown(name, factors[name][0]) for name in steps),
                    ]
                )
                return value, f"{words}, {said.where}"
    return None


def _contradict(source: Source | None, table: _Table, draft: _Draft) -> None:
    """Say where two volumes of the sheet and the rates it states between them do not fit, beyond their rounding."""
    stated = [place for place, (measure, _) in enumerate(_CHAIN) if (source, measure) in table]
    for first, last in pairwise(stated):
        steps = [_CHAIN[place][1] for place in range(first, last)]
        factors = [table.get((source, name)) or table.get((None, name)) for name in steps]
        if None in factors:
            continue
        start, end = table[source, _CHAIN[first][0]], table[source, _CHAIN[last][0]]
        low, high, product = start.value - start.rough, start.value + start.rough, start.value
        for each in factors:
            assert each is not None  # noqa: S101 looked at above
            low, high, product = low * (each.value - each.rough), high * (each.value + each.rough), product * each.value
        if low - end.rough <= end.value <= high + end.rough:
            continue
        begin, goal = _CHAIN[first][0], _CHAIN[last][0]
        words = " × ".join(
            [
                f"{_shown(begin, start.value)} {_NAMES[begin]}",
                *(_shown(name, each.value) for name, each in zip(steps, factors, strict=True) if each),
            ]
        )
        draft.contradictions.append(
            f"{source or 'Together'}: {words} = {_shown(goal, product)} {_NAMES[goal]}, while the sheet plans {_shown(goal, end.value)} ({end.where})."
        )


def _sides(factors: Mapping[Source, Mapping[str, tuple[float, str]]], base: Agreement | None, draft: _Draft) -> None:
    """The plan of each side that has a share."""
    split = draft.values.get("split")
    for side in _SIDES:
        if split and not split[side]:
            continue
        draft.values[side] = {name: value for name, (value, _) in factors[side].items()}
        draft.origins |= {f"{side}.{name}": origin for name, (_, origin) in factors[side].items()}
        lacking = [_NAMES[name] for name in _FACTORS[side] if name not in factors[side]]
        if lacking:
            draft.missing.append(f"Nothing says {_THEIR[side]} {', '.join(lacking)}.")


def _checked(draft: _Draft) -> Agreement | None:
    if draft.missing:
        return None
    try:
        return Agreement.checked(draft.values)
    except AgreementError as error:
        draft.missing += [f"It cannot be agreed as it is. {fault}" for fault in error.faults]
        return None


def _follows(agreement: Agreement, table: _Table) -> list[str]:
    """Volumes that the sheet plans and that the proposal's revenue and rates do not lead to."""
    notes = []
    for side, needed in agreement.required.items():
        for measure in _MEASURES[:-1]:
            said = table.get((side, measure)) or (table.get((None, measure)) if measure == "mqls" else None)
            value = getattr(needed, measure)
            if said and value is not None and abs(value - said.value) > max(1.0, 0.01 * value):
                notes.append(
                    f"At the proposed revenue, rates and deal size {side} needs {count(value)} {_NAMES[measure]}; the sheet plans {_shown(measure, said.value)} ({said.where})."
                )
    return notes


def _called(figure: PlanFigure) -> str:
    of = " ".join(filter(None, (figure.source or "", figure.segment)))
    return f"{f'{of}: ' if of else ''}{_NAMES.get(figure.field, figure.name)}"


def _where(figure: PlanFigure) -> str:
    return f"the sheet, row {figure.row}, column {figure.column!r}"


def _rough(figure: PlanFigure) -> float:
    """Half of the last digit that a figure was written with."""
    digits = re.sub(
        r"[^\d.]",
        "",
        figure.text.replace(",", ".")
        if figure.text.count(",") == 1 and figure.value < 1
        else figure.text.replace(",", ""),
    )
    decimals = len(digits.partition(".")[2]) if "." in digits else 0
    unit: float = 10.0**-decimals
    if figure.field in _FACTORS["marketing"] and figure.field != "deal_size":
        is_percent = "%" in figure.text or (figure.value and figure.value < float(digits or 0))
        unit = unit / 100 if is_percent else unit
    return unit / 2 if unit < inf else 0.0


def _shown(name: str, value: float) -> str:
    if name in ("mql_to_sql", "sql_to_opportunity", "close_rate"):
        return f"{value * 100:.4g}%"
    if name in ("revenue", "deal_size"):
        return f"{value:,.2f}".removesuffix(".00")
    return f"{value:,.1f}".removesuffix(".0")


def _one_line(text: str) -> str:
    """A text as a comment may hold it: no line of its own can begin in it."""
    return re.sub(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+", " ", text)
