"""The waterfall from plan to actual. Every length and label is worked out in `waterfall_rows`; the chart only draws it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, cast

import altair as alt

from alignment_core.amendment_words import amended_to, amendment_name
from alignment_core.results import Amendment, Bar, NotDecided
from alignment_core.verdict_words import verdict_word
from alignment_core.vocabulary import AMENDMENT, SOURCES, Source
from alignment_core.wording import (
    DRIVER,
    OWNER,
    SOURCE,
    change,
    driver_name,
    driver_value,
    money,
    money_short,
    signed,
    signed_short,
)

__all__ = [
    "Palette",
    "Row",
    "describe",
    "further_revenue",
    "waterfall",
    "waterfall_rows",
]

Role = Literal["plan", "actual", "source", "favourable", "unfavourable", "none"]

# The chart's width is shared out in fractions, so that it fits any page: the bridge, a gap, the variances.
_BRIDGE, _VARIANCE_FROM, _VARIANCE_TO = 0.60, 0.74, 1.0
#: Room, as a fraction, that the label at the end of a bridge bar takes.
_LABEL = 0.11


@dataclass(frozen=True)
class Palette:
    """Colours for one background. Blue and orange survive colour blindness, and signs go with them."""

    ink: str = "#1b2733"
    faint: str = "#5c6b7a"
    line: str = "#9aa7b3"
    plan: str = "#8795a3"
    actual: str = "#3b4754"
    source: str = "#c3cdd6"
    favourable: str = "#0072b2"
    unfavourable: str = "#d55e00"
    selected: str = "#e9eff5"

    @classmethod
    def dark(cls) -> "Palette":
        return cls("#f2f5f8", "#a9b6c2", "#6b7885", "#8795a3", "#d5dde5", "#4d5a67", "#56b4e9", "#f0853a", "#232d38")


@dataclass(frozen=True)
class Row:
    """One line of the waterfall. Positions are fractions of the chart's width (0-1); amounts are currency.

    `key` names the bar (`marketing.mql_to_sql`, `amendment.1`); it is empty for lines that open nothing.
    """

    place: int
    key: str
    label: str
    change: str
    role: Role
    from_: float
    to: float
    text: str
    zero: float
    variance_to: float
    low: float
    high: float
    owner: str
    tip_plan: str = ""
    tip_actual: str = ""
    tip_effect: str = ""
    tip_owner: str = ""
    verdict: str = ""
    tip_chance: str = ""


def waterfall_rows(
    bars: Sequence[Bar],
    plan: Mapping[Source, float],
    actual: Mapping[Source, float],
    *,
    actual_label: str = "Actual",
    amendments: Sequence[Amendment] = (),
    not_decided: Mapping[Source, NotDecided] | None = None,
) -> tuple[Row, ...]:
    """The lines of the waterfall: plan, each source with its drivers, actual; then what is not decided yet.

    With amendments it begins with the plan that was first signed and has a line for each of them, up to the plan in
    force. They have no colour of good or bad: both sides signed them.

    Args:
        bars: the bridge in order.
        plan, actual: revenue by source, currency; the plan is the one in force.
        actual_label: what the end is called (a scenario's is "Scenario").
        not_decided: what is open; where it is expected to bring anything, the end is what is counted with it.
    """
    whole_plan, whole_actual = sum(plan.values()), sum(actual.values())
    further = further_revenue(not_decided or {})
    level, levels = (
        whole_plan,
        [0.0, whole_plan, whole_actual, whole_actual + further, *(each.revenue_before for each in amendments)],
    )
    for bar in bars:
        level += bar.effect
        levels.append(level)
    low, high = min(levels), max(levels)
    span = high - low or 1.0

    def at(amount: float) -> float:
        return (amount - low) / span * (_BRIDGE - _LABEL)

    sums = {source: sum(bar.effect for bar in bars if bar.source == source) for source in SOURCES}
    variances = [0.0, *(x for bar in bars for x in (bar.effect, bar.order_low, bar.order_high)), *sums.values()]
    variances += [further, *(each.effect for each in amendments)]
    least, most = min(variances), max(variances)
    width = (most - least) or 1.0

    def aside(amount: float) -> float:
        return _VARIANCE_FROM + (amount - least) / width * (_VARIANCE_TO - _VARIANCE_FROM)

    rows: list[Row] = []

    def add(
        key: str,
        label: str,
        changed: str,
        role: Role,
        start: float,
        end: float,
        text: str,
        bar: Bar | Amendment | None,
        effect: float,
    ) -> None:
        bottom, top = (bar.order_low, bar.order_high) if isinstance(bar, Bar) else (effect, effect)
        tips = _tips(bar) if bar else ("", "", "", "")
        rows.append(
            Row(len(rows), key, label, changed, role, at(start), at(end), text, aside(0.0), aside(effect), aside(bottom),
                aside(top), tips[-1], *tips, *_sure(bar))
        )  # fmt: skip

    if amendments:
        first = amendments[0].revenue_before
        add("", "Plan, first signed", "", "plan", 0.0, first, money_short(first), None, 0.0)
    for each in amendments:
        add(
            f"{AMENDMENT}.{each.number}",
            amendment_name(each, len(amendments)),
            amended_to(each),
            "none",
            each.revenue_before,
            each.revenue_after,
            signed_short(each.effect),
            each,
            each.effect,
        )
    label = "Plan in force" if amendments else "Plan"
    add("", label, "", "plan", 0.0, whole_plan, money_short(whole_plan), None, 0.0)
    level = whole_plan
    for source in SOURCES:
        own = [bar for bar in bars if bar.source == source]
        if source != "unassigned" and own:
            moved = f"{money_short(plan.get(source, 0.0))} → {money_short(actual.get(source, 0.0))}"
            add("", SOURCE[source], moved, "source", level, level, "", None, sums[source])
        for bar in own:
            seen = abs(bar.effect) >= 0.5  # less is dust of rounded rates, and no direction
            role: Role = "none" if not seen else "favourable" if bar.effect > 0 else "unfavourable"
            arrow = {"favourable": "▲ ", "unfavourable": "▼ ", "none": ""}[role]
            changed = change(bar) if source != "unassigned" else f"0 → {money_short(bar.actual)}"
            add(
                f"{source}.{bar.driver}",
                DRIVER[bar.driver],
                changed,
                role,
                level,
                level + bar.effect,
                arrow + signed_short(bar.effect),
                bar,
                bar.effect,
            )
            level += bar.effect
    label = "Actual so far" if further else actual_label
    add("", label, "", "actual", 0.0, whole_actual, money_short(whole_actual), None, 0.0)
    if further:
        expected = whole_actual + further
        still = f"{sum(sum(each.open.values()) for each in (not_decided or {}).values()):,} open"
        add("", "Not decided yet", still, "none", whole_actual, expected, signed_short(further), None, further)
        add("", "Expected", "", "plan", 0.0, expected, money_short(expected), None, 0.0)
    return tuple(rows)


def further_revenue(not_decided: Mapping[Source, NotDecided]) -> float:
    """What all open records are expected to bring, as far as earlier quarters say it."""
    return math.fsum(more for each in not_decided.values() if not math.isnan(more := each.further.revenue))


def _tips(bar: Bar | Amendment) -> tuple[str, str, str, str]:
    """What a line says under the pointer: before and after, the effect, whose it is."""
    if isinstance(bar, Amendment):
        return money_short(bar.revenue_before), money_short(bar.revenue_after), signed(bar.effect), OWNER["shared"]
    plan, actual = (driver_value(bar.driver, value) for value in (bar.plan, bar.actual))
    return plan, actual, signed(bar.effect), OWNER[bar.owner]


def _sure(bar: Bar | Amendment | None) -> tuple[str, str]:
    """A line's verdict, and between which effects chance puts it."""
    if not isinstance(bar, Bar) or bar.verdict is None:
        return "", ""
    word = verdict_word(bar)
    if bar.interval is None:
        return word, word
    low, high = (signed_short(end) for end in bar.interval)
    return word, f"{word}: {low} to {high}"


def describe(
    bars: Sequence[Bar],
    plan: float,
    actual: float,
    currency: str,
    actual_label: str = "Actual",
    amendments: Sequence[Amendment] = (),
    not_decided: Mapping[Source, NotDecided] | None = None,
) -> str:
    """The waterfall as a text alternative."""
    steps = "; ".join(
        f"{driver_name(bar, with_source=True)} {signed(bar.effect)}"
        + (f" ({word})" if (word := verdict_word(bar)) else "")
        for bar in bars
    )
    start = f"Plan {money(plan)}"
    if amendments:
        amended = "; ".join(f"{amendment_name(each, len(amendments))} {signed(each.effect)}" for each in amendments)
        start = f"Plan as first signed {money(amendments[0].revenue_before)}; {amended}; plan in force {money(plan)}"
    end = f"{actual_label.lower()} {money(actual)}"
    if further := further_revenue(not_decided or {}):
        end = f"actual so far {money(actual)}; not decided yet {signed(further)}; expected {money(actual + further)}"
    return f"Waterfall in {currency}. {start}; {steps}; {end}."


def waterfall(
    rows: Sequence[Row],
    palette: Palette,
    *,
    currency: str,
    ranges: bool = False,
    selected: str | None = None,
    values: bool = True,
    row_height: int = 32,
) -> dict[str, Any]:
    """Draw the waterfall with its variances beside it, one line a driver, as a Vega-Lite specification.

    Args:
        rows: see `waterfall_rows`.
        palette: colours for the background.
        currency: for the headings.
        ranges: draw each variance's range over all orders of the drivers.
        selected: key of the line to mark.
        values: show each driver's values and its owner; without them the chart fits beside sliders.
        row_height: pixels a line.
    """
    judged = values and any(row.verdict for row in rows)
    drawing = _waterfall(palette, currency, rows[-1].label, ranges, selected, values, judged, row_height)
    lines = {"values": [dict(vars(row)) for row in rows]}
    return drawing | {"layer": [layers | {"data": lines} for layers in drawing["layer"]]}


@lru_cache(maxsize=64)
def _waterfall(
    palette: Palette,
    currency: str,
    end: str,
    ranges: bool,
    selected: str | None,
    values: bool,
    judged: bool,
    row_height: int,
) -> dict[str, Any]:
    """The drawing without its lines: the same however a slider moves, and Altair needs 70 ms for it."""
    # The width in pixels is known only to the browser; what must not shrink is placed from there.
    owner_at, verdict_at = alt.expr("width - 62"), alt.expr("width - 130")
    taken = 150 if judged else 84 if values else 14
    scale = alt.Scale(domain=[0, 1], range=[0, alt.expr(f"width - {taken}")])
    y = alt.Y("place:O", axis=None, scale=alt.Scale(paddingInner=0.0, paddingOuter=0.0))
    base = alt.Chart().encode(y=y)
    one = alt.Chart().transform_filter("datum.place === 0")
    left, values_at = (-264, -104) if values else (-152, 0)

    def text(field: str, **mark: Any) -> alt.Chart:
        return base.mark_text(**{"baseline": "middle", "fontSize": 16, "color": palette.ink} | mark).encode(
            text=f"{field}:N"
        )

    indent = alt.expr("datum.key === '' || datum.owner === 'nobody yet' ? 0 : 14")
    strong = alt.expr("datum.key === '' ? 'bold' : 'normal'")
    fill = alt.Color(
        "role:N",
        legend=None,
        scale=alt.Scale(
            domain=["plan", "actual", "source", "favourable", "unfavourable", "none"],
            range=[
                "transparent",
                palette.actual,
                palette.source,
                palette.favourable,
                palette.unfavourable,
                palette.line,
            ],
        ),
    )
    tooltip = [
        alt.Tooltip("label:N", title="driver"),
        alt.Tooltip("tip_plan:N", title="agreed"),
        alt.Tooltip("tip_actual:N", title="actual"),
        alt.Tooltip("tip_effect:N", title=f"effect, {currency}"),
        alt.Tooltip("tip_owner:N", title="owner"),
        *([alt.Tooltip("tip_chance:N", title="allowing for chance")] if judged else []),
    ]
    picked = alt.selection_point(name="bar", fields=["key"], on="click", empty=False, toggle=False, clear=False)
    backdrop = (
        base.transform_filter("datum.key !== ''")
        .mark_rect(cursor="pointer", fill=palette.selected, x=left - 6, x2=alt.expr("width"))
        .encode(
            opacity=alt.condition(alt.datum.key == (selected or "-"), alt.value(1.0), alt.value(0.0)), tooltip=tooltip
        )
        .add_params(picked)
    )
    passive: dict[str, Any] = {"tooltip": None, "aria": False}
    bar_height = alt.RelativeBandSize(0.55)
    layers: list[alt.Chart] = [
        backdrop,
        text("label", align="left", x=left, dx=indent, fontWeight=strong, **passive),
        base.transform_filter("datum.role !== 'source'")
        .mark_bar(
            stroke=palette.plan, strokeWidth=alt.expr("datum.role === 'plan' ? 2 : 0"), height=bar_height, **passive
        )
        .encode(x=alt.X("from_:Q", axis=None, scale=scale), x2="to:Q", color=fill),
        text("text", align="left", dx=7, fontWeight="bold", **passive)
        .encode(x=alt.X("end:Q", axis=None, scale=scale))
        .transform_calculate(end="max(datum.from_, datum.to)"),
        one.mark_rule(color=palette.line, strokeWidth=1, **passive).encode(x=alt.X("zero:Q", axis=None, scale=scale)),
        base.transform_filter("datum.role !== 'plan' && datum.role !== 'actual'")
        .mark_bar(height=bar_height, **passive)
        .encode(x=alt.X("zero:Q", axis=None, scale=scale), x2="variance_to:Q", color=fill),
    ]
    if values:
        layers += [
            text("change", align="left", x=values_at, color=palette.faint, fontSize=14, **passive),
            text("owner", align="left", x=owner_at, color=palette.faint, fontSize=14, **passive),
        ]
    if judged:
        bold = alt.expr("datum.verdict === 'real' ? 'bold' : 'normal'")
        colour = alt.expr(f"datum.verdict === 'real' ? '{palette.ink}' : '{palette.faint}'")
        layers.append(
            text("verdict", align="left", x=verdict_at, color=colour, fontSize=14, fontWeight=bold, **passive)
        )
    if ranges:
        whisker = base.transform_filter("datum.key !== ''")
        layers += [
            whisker.mark_rule(color=palette.ink, strokeWidth=1.5, **passive).encode(
                x=alt.X("low:Q", axis=None, scale=scale), x2="high:Q"
            ),
            *(
                whisker.mark_tick(color=palette.ink, thickness=1.5, size=row_height * 0.4, **passive).encode(
                    x=alt.X(f"{end}:Q", axis=None, scale=scale)
                )
                for end in ("low", "high")
            ),
        ]
    headings: list[tuple[str, Any, str]] = [
        (f"from plan to {end.lower()}, {currency}", 0, "left"),
        (
            "variance, range over all orders" if ranges else "variance",
            alt.expr(f"width - {taken}"),
            "right",
        ),
        *([("agreed → actual", values_at, "left"), ("owner", owner_at, "left")] if values else []),
        *([("is it real?", verdict_at, "left")] if judged else []),
    ]
    for words, x, align in headings:
        heading = one.mark_text(align=align, x=x, y=-6, fontSize=13, color=palette.faint, baseline="bottom", aria=False)
        layers.append(heading.encode(text=alt.value(words)))
    # The lines belong to an inner layer: those of the outermost Streamlit would send by way of pandas and Arrow.
    chart = alt.layer(alt.layer(*layers, data=alt.NamedData("lines"))).properties(
        height=alt.Step(row_height), padding={"left": 4, "top": 4, "right": 4, "bottom": 4}
    )
    return cast("dict[str, Any]", chart.to_dict())
