"""What ran, beside what is agreed: a line a driver, with a tick a quarter. Every length is worked out in `strip_rows`."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import altair as alt

from alignment_core.agreement import Agreement
from alignment_core.assumptions import agreed_value, warnings
from alignment_core.charts import Palette
from alignment_core.drawing import SILENT, Spec, filled, written
from alignment_core.track_record import Evidence, TrackRecord
from alignment_core.vocabulary import RATE_DRIVERS, VOLUME_DRIVERS, Source
from alignment_core.wording import DRIVER, driver_value

__all__ = ["StripRow", "evidence_strip", "strip_rows"]

_PADDING = {"left": 4, "top": 4, "right": 4, "bottom": 4}


@dataclass(frozen=True)
class StripRow:
    """One line of the strip. Positions are fractions (0-1) of the strip; None where there is nothing to draw.

    Attributes:
        label: the driver.
        ran: what ran, in words: `52–61%`, or why nothing can be said.
        agreed: the agreed value in words.
        outside: whether that lies outside everything that ran (see `assumptions.warnings`).
        verdict: `above anything seen`, `below anything seen`, or empty.
        ticks: each quarter: position, name of the quarter, value in words.
    """

    driver: str
    label: str
    ran: str
    agreed: str
    outside: bool
    verdict: str
    diamond: float | None
    low: float | None
    high: float | None
    ticks: tuple[tuple[float, str, str], ...]


def strip_rows(agreement: Agreement, record: TrackRecord, source: Source) -> tuple[StripRow, ...]:
    """The lines of the strip for one side: from the deal size back to the first stage."""
    outside = {
        (each.evidence.driver, each.evidence.segment): "above" if each.above else "below"
        for each in warnings(agreement, record)
        if each.evidence.source == source
    }
    own = [each for each in record.evidence if each.source == source and each.segment is None]
    return tuple(_strip_row(agreement, each, outside.get((each.driver, each.segment), "")) for each in reversed(own))


def _strip_row(agreement: Agreement, evidence: Evidence, outside: str) -> StripRow:
    exactly = agreed_value(agreement, evidence.source, evidence.driver)
    agreed = None if exactly is None else float(exactly)
    if agreed is not None and evidence.driver in VOLUME_DRIVERS:
        agreed = float(math.ceil(agreed))
    known = [ran for ran in evidence.quarters if ran.value is not None]
    values = [ran.value for ran in known if ran.value is not None] + ([] if agreed is None else [agreed])
    least, most = (min(values), max(values)) if values else (0.0, 1.0)
    # Around what is known at least a tenth of its size, so that a steady driver looks steady.
    room = max((most - least) * 0.12, (0.05 if evidence.driver in RATE_DRIVERS else 0.1 * most) or 1.0)
    low, span = least - room, (most - least) + 2 * room

    def at(value: float | None) -> float | None:
        return None if value is None else (value - low) / span

    said = evidence.too_little
    if evidence.low is not None and evidence.high is not None:
        first, last = (driver_value(evidence.driver, value) for value in (evidence.low, evidence.high))
        same_unit = first[-1:] == last[-1:] and not first[-1:].isdigit()
        said = last if first == last else f"{first[:-1] if same_unit else first}–{last}"
    ticks = tuple(((ran.value - low) / span, str(ran.quarter), driver_value(evidence.driver, ran.value)) for ran in known if ran.value is not None)  # fmt: skip
    return StripRow(
        driver=evidence.driver,
        label=DRIVER[evidence.driver],
        ran=said,
        agreed=driver_value(evidence.driver, agreed),
        outside=bool(outside),
        verdict=f"{outside} anything seen" if outside else "",
        diamond=at(agreed),
        low=at(evidence.low),
        high=at(evidence.high),
        ticks=ticks,
    )


def evidence_strip(
    rows: Sequence[StripRow], palette: Palette, *, labels: bool = True, row_height: int = 44
) -> tuple[Spec, str]:
    """What ran, beside what is agreed: a line a driver, with a tick a quarter, their range as a band, and the agreed value
    as a diamond, orange where it lies outside. Every line has its own scale. A specification and its text alternative.

    Args:
        rows: see `strip_rows`; one of them where the strip stands beside a field.
        palette: colours for the background.
        labels: write the driver before the strip and what ran after it; without them the strip fits into a column.
        row_height: pixels a line.
    """
    lines = [
        {name: value for name, value in asdict(row).items() if name != "ticks"} | {"place": place}
        for place, row in enumerate(rows)
    ]
    ticks = [
        {"place": place, "at": at, "quarter": quarter, "value": value, "label": row.label}
        for place, row in enumerate(rows)
        for at, quarter, value in row.ticks
    ]
    words = "; ".join(_row_in_words(row) for row in rows)
    drawing = _strip(palette, labels, row_height, len(rows))
    return filled(
        drawing, {"lines": lines, "ticks": ticks}
    ), f"What the last quarters ran, and what is agreed: {words}."


@lru_cache(maxsize=16)
def _strip(palette: Palette, labels: bool, row_height: int, rows: int) -> Spec:
    """The drawing without its data."""
    left, right = (136, 152) if labels else (8, 8)
    scale = alt.Scale(domain=[0, 1], range=[left, alt.expr(f"width - {right}")])
    y = alt.Y("place:O", axis=None, scale=alt.Scale(domain=list(range(rows)), paddingInner=0.0, paddingOuter=0.0))
    base, ticks = (alt.Chart(alt.NamedData(name)).encode(y=y) for name in ("lines", "ticks"))
    inside = alt.Color(
        "outside:N",
        legend=None,
        scale=alt.Scale(domain=[False, True], range=[palette.favourable, palette.unfavourable]),
    )
    tips = [alt.Tooltip("quarter:N"), alt.Tooltip("value:N", title="ran"), alt.Tooltip("label:N", title="driver")]
    layers: list[alt.Chart] = [
        base.transform_filter("datum.low !== null")
        .mark_bar(color=palette.selected, height=16, **SILENT)
        .encode(x=alt.X("low:Q", axis=None, scale=scale), x2="high:Q"),
        ticks.mark_tick(color=palette.faint, thickness=2, size=16).encode(
            x=alt.X("at:Q", axis=None, scale=scale), tooltip=tips
        ),
        base.transform_filter("datum.diamond !== null")
        .mark_point(shape="diamond", filled=True, size=130, opacity=1)
        .encode(
            x=alt.X("diamond:Q", axis=None, scale=scale),
            color=inside,
            tooltip=[alt.Tooltip("label:N", title="driver"), alt.Tooltip("agreed:N"), alt.Tooltip("ran:N")],
        ),
    ]
    if labels:
        text: dict[str, Any] = {"align": "left", "baseline": "middle", **SILENT}
        after, up = alt.expr(f"width - {right - 14}"), alt.expr("datum.verdict === '' ? 0 : -9")
        layers += [
            base.mark_text(x=0, fontSize=15, color=palette.ink, **text).encode(text="label:N"),
            base.mark_text(x=after, dy=up, fontSize=14, color=palette.faint, limit=right - 14, **text).encode(text="ran:N"),
            base.mark_text(x=after, dy=9, fontSize=14, fontWeight="bold", color=palette.unfavourable, **text).encode(text="verdict:N"),
        ]  # fmt: skip
    return written(*layers, height=alt.Step(row_height), padding=_PADDING)


def _row_in_words(row: StripRow) -> str:
    verdict = f", {row.verdict}" if row.verdict else ""
    return (
        f"{row.label} ran {row.ran}, agreed {row.agreed}{verdict}"
        if row.low is not None
        else f"{row.label} agreed {row.agreed}, {row.ran}"
    )
