"""What stands beside the waterfall: effects that add up, below each other, and a source's funnel."""

from collections.abc import Sequence

import altair as alt

from alignment_core.charts import Palette
from alignment_core.results import Bar, Counts
from alignment_core.vocabulary import CHAIN, Source
from alignment_core.wording import SOURCE, STAGE, change, count, percent, signed_short

__all__ = ["breakdown", "effects_chart", "funnel_chart"]


def breakdown(
    bars: Sequence[Bar], palette: Palette, *, currency: str, field: str, row_height: int = 28
) -> alt.LayerChart:
    """One driver's effect by segment: name, agreed → actual, the effect from a common zero."""
    rows = [((bar.segment or "") + (f" ({bar.status})" if bar.status else ""), change(bar), bar.effect) for bar in bars]
    return effects_chart(rows, palette, currency=currency, field=field, moved="agreed → actual", row_height=row_height)


def effects_chart(
    rows: Sequence[tuple[str, str, float]],
    palette: Palette,
    *,
    currency: str,
    field: str,
    moved: str,
    row_height: int = 28,
) -> alt.LayerChart:
    """Effects that add up, below each other from a common zero. `rows`: name, what moved in short, effect (currency)."""
    values = [
        {
            "segment": name,
            "change": what,
            "effect": effect,
            "text": signed_short(effect),
            "role": "favourable" if effect > 0 else "unfavourable",
        }
        for name, what, effect in rows
    ]
    amounts = [0.0, *(effect for _, _, effect in rows)]
    room = (max(amounts) - min(amounts) or 1.0) * 0.18
    scale = alt.Scale(domain=[min(amounts) - room, max(amounts) + room], nice=False)
    y = alt.Y("segment:N", sort=None, axis=alt.Axis(title=None, labelPadding=112, labelAlign="left", offset=150, labelLimit=150,
              labelFontSize=15, labelColor=palette.ink, ticks=False, domain=False, grid=False))  # fmt: skip
    x = alt.X("effect:Q", axis=None, scale=scale)
    base = alt.Chart(alt.Data(values=values)).encode(y=y)
    colour = alt.Color(
        "role:N",
        legend=None,
        scale=alt.Scale(domain=["favourable", "unfavourable"], range=[palette.favourable, palette.unfavourable]),
    )
    bars_ = base.mark_bar(height=alt.RelativeBandSize(0.55)).encode(x=x, color=colour, tooltip=[
        alt.Tooltip("segment:N", title=field), alt.Tooltip("change:N", title=moved), alt.Tooltip("effect:Q", title=f"effect, {currency}", format=",.0f")])  # fmt: skip
    figures = {"fontSize": 14, "baseline": "middle", "aria": False}
    return alt.layer(
        bars_,
        base.transform_filter("datum.effect >= 0")
        .mark_text(align="left", dx=6, fontWeight="bold", color=palette.ink, **figures)
        .encode(x=x, text="text:N"),
        base.transform_filter("datum.effect < 0")
        .mark_text(align="right", dx=-6, fontWeight="bold", color=palette.ink, **figures)
        .encode(x=x, text="text:N"),
        base.mark_text(align="left", x=-100, color=palette.faint, **figures).encode(text="change:N"),
        alt.Chart(alt.Data(values=[{"effect": 0}])).mark_rule(color=palette.line).encode(x=x),
    ).properties(height=alt.Step(row_height), padding={"left": 4, "top": 4, "right": 4, "bottom": 4})


def funnel_chart(
    plan: Counts | None, actual: Counts, source: Source, palette: Palette, *, row_height: int = 44
) -> tuple[alt.LayerChart, str]:
    """A source's funnel: actual solid, plan outlined, each stage against what was agreed; and its text alternative."""
    stages = [
        stage
        for stage in CHAIN[source]
        if getattr(actual, stage) is not None or (plan and getattr(plan, stage) is not None)
    ]
    values, words = [], []
    before: tuple[float | None, float | None] = (None, None)
    for place, stage in enumerate(stages):
        planned, real = (getattr(plan, stage) if plan else None), getattr(actual, stage)
        against = f" of {count(planned)}" if planned is not None else ""
        said = f"{count(real)}{against}" if real is not None else "not recorded"
        rates = [
            now / then if now is not None and then else None for now, then in ((real, before[1]), (planned, before[0]))
        ]
        passed = ""
        if place and rates[0] is not None:
            passed = percent(rates[0]) + (f" ({percent(rates[1])} agreed)" if rates[1] is not None else "")
        values.append(
            {
                "place": place,
                "stage": STAGE[stage],
                "plan": planned or 0.0,
                "actual": real or 0.0,
                "said": said,
                "passed": passed,
            }
        )
        words.append(f"{STAGE[stage]} {said}" + (f", {passed}" if passed else ""))
        before = (planned, real) if real is not None else before
    base = alt.Chart(alt.Data(values=values)).encode(y=alt.Y("place:O", axis=None))
    longest = max([1.0, *(max(value["plan"], value["actual"]) for value in values)])
    scale = alt.Scale(domain=[0, longest], range=[0, alt.expr("width - 150")])
    silent = {"aria": False, "baseline": "middle"}
    ends = base.transform_calculate(end="max(datum.plan, datum.actual)")
    chart = alt.layer(
        base.mark_bar(color=palette.actual, height=alt.RelativeBandSize(0.4)).encode(
            x=alt.X("actual:Q", axis=None, scale=scale),
            tooltip=[
                alt.Tooltip("stage:N"),
                alt.Tooltip("actual:Q", format=",.1f"),
                alt.Tooltip("plan:Q", format=",.1f"),
            ],
        ),
        base.mark_bar(fill="transparent", stroke=palette.plan, strokeWidth=2, height=alt.RelativeBandSize(0.62)).encode(
            x=alt.X("plan:Q", scale=scale)
        ),
        base.mark_text(align="left", x=-104, fontSize=15, color=palette.ink, **silent).encode(text="stage:N"),
        ends.mark_text(align="left", dx=8, dy=-8, fontSize=14, fontWeight="bold", color=palette.ink, **silent).encode(
            x=alt.X("end:Q", scale=scale), text="said:N"
        ),
        ends.mark_text(align="left", dx=8, dy=9, fontSize=13, color=palette.faint, **silent).encode(
            x=alt.X("end:Q", scale=scale), text="passed:N"
        ),
    ).properties(height=alt.Step(row_height), padding={"left": 4, "top": 4, "right": 4, "bottom": 4})
    return chart, f"{SOURCE[source]} funnel{', actual of plan' if plan else ''}: " + "; ".join(words) + "."
