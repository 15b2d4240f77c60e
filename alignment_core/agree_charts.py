"""The agreement's charts: the odds by MQLs, and the pace. Each is a Vega-Lite specification and its text alternative."""

from functools import lru_cache
from typing import Any

import altair as alt

from alignment_core.charts import Palette
from alignment_core.drawing import SILENT, Spec, axis, filled, written
from alignment_core.outlook import Curve, Outlook
from alignment_core.pace import Pace
from alignment_core.wording import STAGE, count, day, day_short, percent

__all__ = ["odds_chart", "pace_chart"]

_PADDING = {"left": 4, "top": 8, "right": 12, "bottom": 4}
#: From one line of a label to the next, in pixels.
_LINE = 16
#: What a character of a label takes of a chart's width, at least.
_CHARACTER = 0.026
#: From here on axes say 100k.
_LARGE = 100_000


def odds_chart(outlook: Outlook, palette: Palette, *, height: int = 240) -> tuple[Spec, str]:
    """The probability of marketing's target by MQLs delivered: as agreed, and as it ran where that is known.

    The promise and the MQLs for 80% are marked on the agreed curve. Labels stand left above the upper curve and right
    below the lower one, where nothing else is.
    """
    agreed, ran = outlook.agreed, outlook.ran
    lines, labels = [], _marked(outlook, palette)
    points = [label | {"colour": palette.favourable} for label in labels]
    words = [f"Probability of marketing's target by MQLs delivered. {_curve_in_words(agreed, outlook.mqls)}"]
    for curve, colour in ((ran, palette.unfavourable), (agreed, palette.favourable)):
        if curve is None:
            continue
        lines += [
            {"mqls": mqls, "chance": chance, "assuming": curve.label, "colour": colour}
            for mqls, chance in zip(curve.mqls, curve.probability, strict=True)
        ]
        labels.append(_label(curve, colour, above=curve is agreed))
        if curve is ran:
            words.append(_curve_in_words(curve, outlook.mqls))
    drawing = _odds(palette, height, agreed.mqls[-1] >= _LARGE)
    return filled(drawing, {"lines": lines, "points": points, "labels": labels}), " ".join(words)


@lru_cache(maxsize=16)
def _odds(palette: Palette, height: int, large: bool) -> Spec:
    """The drawing without its data. Where a label stands beside its point is said by the data."""
    x = alt.X(
        "mqls:Q",
        title="MQLs delivered",
        scale=alt.Scale(zero=False, nice=False),
        axis=axis(palette, grid=False, tickCount=7, format="~s" if large else ",d"),
    )
    y = alt.Y(
        "chance:Q",
        title=None,
        scale=alt.Scale(domain=[0, 1]),
        axis=axis(palette, values=[0, 0.25, 0.5, 0.8, 1], format=".0%", domain=False),
    )
    colour = alt.Color("colour:N", scale=None, legend=None)
    lines, points, labels = (alt.Chart(alt.NamedData(name)).encode(x=x, y=y) for name in ("lines", "points", "labels"))
    tips = [
        alt.Tooltip("mqls:Q", title="MQLs", format=",d"),
        alt.Tooltip("chance:Q", title="probability", format=".0%"),
        alt.Tooltip("assuming:N"),
    ]
    return written(
        lines.mark_line(strokeWidth=2.5, **SILENT).encode(color=colour),
        lines.mark_point(size=120, opacity=0).encode(tooltip=tips),
        points.mark_point(filled=True, size=80, opacity=1, **SILENT).encode(color=colour),
        _text(labels).encode(color=colour),
        height=height,
        padding=_PADDING,
    )


def _text(labels: alt.Chart) -> alt.Chart:
    """Labels that say themselves how they stand beside their points, on one line or two."""
    beside = {name: alt.expr(f"datum.{name}") for name in ("align", "dx", "dy", "fontWeight")}
    return labels.mark_text(
        fontSize=14, lineHeight=_LINE, lineBreak="\n", baseline="middle", **beside, **SILENT
    ).encode(text="label:N")


def _beside(label: str, align: str, dx: int, dy: int, colour: str, *, strong: bool = False) -> dict[str, Any]:
    weight = "bold" if strong else "normal"
    return {"label": label, "align": align, "dx": dx, "dy": dy, "colour": colour, "fontWeight": weight}


def _curve_in_words(curve: Curve, promised: int) -> str:
    safe = curve.mqls_for[0.8]
    enough = f"{safe:,} MQLs for 80%" if safe is not None else "no number of MQLs is likely enough for 80%"
    label = curve.label[0].upper() + curve.label[1:]
    return f"{label}: {_chance(curve.promised)} with the {promised:,} promised, {enough}."


def _chance(probability: float) -> str:
    if 0.995 <= probability < 1:
        return "over 99%"
    return "under 1%" if 0 < probability < 0.005 else percent(probability)


def _marked(outlook: Outlook, palette: Palette) -> list[dict[str, Any]]:
    """The promise and the MQLs for 80%, as points with their figures."""
    agreed = outlook.agreed
    low, high = agreed.mqls[0], agreed.mqls[-1]
    points = [(outlook.mqls, agreed.promised, f"{outlook.mqls:,} → {_chance(agreed.promised)}")]
    safe = agreed.mqls_for[0.8]
    if safe is not None and safe > outlook.mqls and agreed.promised < 0.72:  # closer, the two figures would overlap
        points.append((safe, 0.8, f"{safe:,} → 80%"))
    marked = []
    for mqls, chance, said in points:
        if low <= mqls <= high:
            near_edge = mqls - low < 0.28 * (high - low)
            place = ("left", 10, 8) if near_edge else ("right", -10, 0)
            marked.append({"mqls": mqls, "chance": chance} | _beside(said, *place, palette.ink, strong=True))
    return marked


def _label(curve: Curve, colour: str, *, above: bool) -> dict[str, Any]:
    """The name of a curve beside it, what sets it apart on a second line: left above the upper one, unless that is too near
    to the left edge; right below the lower one, or above it where that lies on the axis."""
    last = len(curve.mqls) - 1
    wanted = 0.88 if above else min(0.4, 0.6 * curve.probability[-1])
    place = next((index for index, chance in enumerate(curve.probability) if chance >= wanted), last)
    if not above:
        place = min(place, round(0.6 * last))
    label = curve.label.replace(", ", "\n", 1)
    lines = label.split("\n")
    point = {"mqls": curve.mqls[place], "chance": curve.probability[place]}
    higher = _LINE * (len(lines) - 1)
    if above and place > _CHARACTER * max(map(len, lines)) * last:
        return point | _beside(label, "right", -16, -7 - higher, colour)
    return point | _beside(label, "left", 12, 10 if above or point["chance"] > 0.25 else -10 - higher, colour)


def pace_chart(pace: Pace, palette: Palette, *, height: int = 220) -> tuple[Spec, str]:
    """The ideal cumulative line of the quarter against the actual one, by week. Labels stand right of the lines' ends."""
    weeks, stage = pace.weeks, STAGE[pace.stage]
    start = _point(0.0, 0.0, day_short(weeks[0].first))
    ideal = [start, *(_point(float(week.number), week.ideal, day_short(week.last)) for week in weeks)]
    came, actual = 0, [start]
    for week in weeks:
        if week.actual is None or pace.as_of is None:
            break
        came += week.actual
        last = min(week.last, pace.as_of)
        over = ((last - week.first).days + 1) / week.days
        actual.append(_point(week.number - 1 + over, float(came), day_short(last)))
    labels = [ideal[-1] | _beside(f"{pace.promised:,} promised", "left", 9, -6, palette.faint)]
    ends = []
    spread = "evenly" if pace.shape == "even" else "as the quarters before ran"
    words = f"Cumulative {stage} by week against the promise of {pace.promised:,}, spread {spread}."
    if pace.delivered is None or pace.as_of is None:
        actual = []
    else:
        ends = [actual[-1]]
        labels.append(actual[-1] | _beside(f"{pace.delivered:,} so far", "left", 9, 12, palette.ink, strong=True))
        words += f" By {day(pace.as_of)} {count(pace.due)} were due and {pace.delivered:,} came; {pace.owed:,} are still owed."
    drawing = _pace(palette, height, stage, len(weeks), max(pace.promised, came) >= _LARGE)
    return filled(drawing, {"ideal": ideal, "actual": actual, "ends": ends, "labels": labels}), words


def _point(week: float, total: float, until: str) -> dict[str, Any]:
    """How many there are `until` a day: `week` weeks of the quarter have passed."""
    return {"week": week, "total": total, "until": until, "said": count(total)}


@lru_cache(maxsize=16)
def _pace(palette: Palette, height: int, stage: str, weeks: int, large: bool) -> Spec:
    """The drawing without its data."""
    x = alt.X(
        "week:Q",
        title="week of the quarter",
        scale=alt.Scale(domain=[0, weeks], range=[0, alt.expr("width - 112")], nice=False),
        axis=axis(palette, grid=False, values=list(range(weeks + 1)), format="d", titleAnchor="start"),
    )
    y = alt.Y(
        "total:Q",
        title=None,
        scale=alt.Scale(zero=True, nice=False, padding=10),
        axis=axis(palette, tickCount=4, format="~s" if large else ",d", domain=False),
    )
    ideal, actual, ends, labels = (
        alt.Chart(alt.NamedData(name)).encode(x=x, y=y) for name in ("ideal", "actual", "ends", "labels")
    )
    tips = [alt.Tooltip("until:N", title="up to"), alt.Tooltip("said:N", title=stage)]
    return written(
        ideal.mark_line(color=palette.plan, strokeWidth=2, strokeDash=[5, 4], **SILENT),
        ideal.mark_point(size=120, opacity=0).encode(tooltip=tips),
        actual.mark_line(color=palette.favourable, strokeWidth=2.5, **SILENT),
        actual.mark_point(size=120, opacity=0).encode(tooltip=tips),
        ends.mark_point(filled=True, size=80, opacity=1, color=palette.favourable, **SILENT),
        _text(labels).encode(color=alt.Color("colour:N", scale=None, legend=None)),
        height=height,
        padding=_PADDING,
    )
