"""Follow-up's charts: groups of leads by verdict, and how often leads converted by speed. Vega-Lite and a text alternative."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt

from alignment_core.charts import Palette
from alignment_core.drawing import SILENT, Spec, axis, filled, written
from alignment_core.follow_up_findings import VERDICT_WORD, share_said
from alignment_core.follow_up_review import Converted, Tally
from alignment_core.wording import percent

__all__ = ["converted_chart", "tally_chart"]

_PADDING = {"left": 4, "top": 4, "right": 12, "bottom": 4}
_LAYERS = ("spans", "points", "labels")  # of the same rows; what has one name would become the data of all layers
_SIGN = {"met": "✓", "missed": "✗", "not_due": "…", "untold": "?"}


def tally_chart(groups: Sequence[Tally], palette: Palette = Palette(), *, with_share: bool = True) -> tuple[Spec, str]:
    """A bar for each group, its leads by verdict; signs and numbers stand in the parts, the share beside them."""
    most = max((each.leads for each in groups), default=1) or 1
    colours = _colours(palette)
    parts: list[dict[str, Any]] = []
    for each in groups:
        start = 0
        for name, colour in colours.items():
            count = getattr(each, name)
            if count:
                fits = count / most > 0.045
                parts.append({"group": each.name, "start": start, "end": start + count, "middle": start + count / 2, "leads": count,
                              "verdict": VERDICT_WORD[name], "colour": colour[0], "ink": colour[1],
                              "label": f"{_SIGN[name]} {count:,}" if fits else _SIGN[name] if count / most > 0.02 else ""})  # fmt: skip
            start += count
    ends = [{"group": each.name, "end": each.leads, "label": share_said(each) if with_share else f"{each.leads:,}"} for each in groups]  # fmt: skip
    said = "; ".join(
        f"{each.name}: {', '.join(f'{getattr(each, name):,} {VERDICT_WORD[name][2:]}' for name in colours if getattr(each, name))}"
        for each in groups
    )
    drawing = _tallies(palette, tuple(each.name for each in groups), most * (1.35 if with_share else 1.12))
    return filled(drawing, {"parts": parts, "ends": ends}), f"Leads by verdict. {said}."


def _colours(palette: Palette) -> dict[str, tuple[str, str]]:
    """Each verdict's colour, and that of the text in it."""
    is_dark = palette == Palette.dark()
    strong, weak = ("#10171d", "#f2f5f8") if is_dark else ("#ffffff", "#1b2733")
    return {"met": (palette.favourable, strong), "missed": (palette.unfavourable, "#10171d" if is_dark else "#ffffff"), "not_due": (palette.source, weak), "untold": (palette.selected, weak)}  # fmt: skip


@lru_cache(maxsize=64)
def _tallies(palette: Palette, names: tuple[str, ...], most: float) -> Spec:
    y = alt.Y("group:N", sort=list(names), title=None, axis=axis(palette, labelLimit=220, domain=False, grid=False))
    scale = alt.Scale(domain=[0, most], nice=False)
    bare = axis(palette, labels=False, grid=False, domain=False, title=None)
    parts, ends = (alt.Chart(alt.NamedData(name)).encode(y=y) for name in ("parts", "ends"))
    tips = [alt.Tooltip("group:N", title="group"), alt.Tooltip("verdict:N"), alt.Tooltip("leads:Q", format=",d")]
    return written(
        parts.mark_bar(height=20, stroke=palette.line, strokeWidth=0.6, aria=False).encode(
            x=alt.X("start:Q", scale=scale, axis=bare), x2="end:Q", color=alt.Color("colour:N", scale=None, legend=None), tooltip=tips
        ),
        parts.mark_text(fontSize=12, fontWeight="bold", baseline="middle", **SILENT).encode(
            x=alt.X("middle:Q", scale=scale), text="label:N", color=alt.Color("ink:N", scale=None, legend=None)
        ),
        ends.mark_text(fontSize=13, align="left", dx=8, baseline="middle", color=palette.ink, **SILENT).encode(
            x=alt.X("end:Q", scale=scale), text="label:N"
        ),
        height=alt.Step(28),
        padding=_PADDING,
    )  # fmt: skip


def converted_chart(converted: Sequence[Converted], palette: Palette = Palette()) -> tuple[Spec, str]:
    """A point for each kind of lead and time of its first touch: how many became SQLs, with the 95% interval."""
    rows = [
        {
            "row": f"{each.kind} · {each.band}",
            "rate": each.rate,
            "low": each.interval[0],
            "high": each.interval[1],
            "leads": each.leads,
            "label": f"{percent(each.rate)} of {each.leads:,}",
        }
        for each in converted
    ]
    said = "; ".join(f"{each.kind}, {each.band}: {percent(each.rate)} of {each.leads:,}" for each in converted)
    drawing = _converted(palette, tuple(str(row["row"]) for row in rows))
    return filled(drawing, dict.fromkeys(_LAYERS, rows)), f"Share that became SQLs by lead type and speed. {said}."


@lru_cache(maxsize=64)
def _converted(palette: Palette, names: tuple[str, ...]) -> Spec:
    # Half of a point at 0% stands left of the axis, and must not stand on the label.
    names_axis = axis(palette, labelLimit=260, labelPadding=12, labelFlush=False, domain=False, grid=False)
    y = alt.Y("row:N", sort=list(names), title=None, axis=names_axis)
    x = alt.X("rate:Q", scale=alt.Scale(domain=[0, 1.18], nice=False), title="became SQLs, with the 95% interval",
              axis=axis(palette, format=".0%", values=[0, 0.25, 0.5, 0.75, 1], domain=False))  # fmt: skip
    spans, points, labels = (alt.Chart(alt.NamedData(name)).encode(y=y) for name in _LAYERS)
    tips = [alt.Tooltip("row:N", title="leads"), alt.Tooltip("label:N", title="became SQLs")]
    return written(
        spans.mark_rule(strokeWidth=3, opacity=0.45, color=palette.favourable, **SILENT).encode(
            x=alt.X("low:Q", scale=alt.Scale(domain=[0, 1.18], nice=False)), x2="high:Q"
        ),
        points.mark_point(filled=True, size=90, opacity=1, color=palette.favourable, aria=False).encode(x=x, tooltip=tips),
        labels.mark_text(fontSize=12, align="left", dx=8, baseline="middle", color=palette.ink, **SILENT).encode(
            x=alt.X("high:Q"), text="label:N"
        ),
        height=alt.Step(24),
        padding=_PADDING,
    )  # fmt: skip
