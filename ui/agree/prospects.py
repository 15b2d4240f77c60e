"""What follows from the numbers: how likely the target is, the pace it takes, and the pipeline."""

import pandas as pd
import streamlit as st

from alignment_core.agree_charts import odds_chart, pace_chart
from alignment_core.agreement import Agreement
from alignment_core.benchmarks import CAUTION, benchmarks
from alignment_core.evidence_strip import evidence_strip, strip_rows
from alignment_core.outlook import Curve, Outlook, outlook
from alignment_core.pace import Pace, Shape, pace
from alignment_core.pipeline import Pipeline, pipeline
from alignment_core.solve_parts import PIPELINE_GIVES_WAY, solve_coverage, solve_pipeline
from alignment_core.track_record import TrackRecord
from alignment_core.wording import DRIVER, SOURCE, day, money_short, percent
from ui.agree.solving import follows, solved_for, what_gave_way
from ui.agreement_form import SIDES
from ui.screen import palette, show_table
from ui.session import workspace
from ui.text import plain

state = st.session_state
PIPELINE = {"close_rate": "the side's close rate", "revenue_target": "the revenue target", "split": "the split"}
SHAPES: dict[Shape, str] = {"even": "evenly", "history": "as earlier quarters ran"}


def prospects(agreement: Agreement, record: TrackRecord) -> None:
    """How likely the target is and the pace it takes, side by side; under them the pipeline."""
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, height="stretch"):
        st.markdown("**How likely is marketing's target?**")
        chances(agreement, record)
    with right, st.container(border=True, height="stretch"):
        st.markdown("**Are we on pace?**")
        paces(agreement)
    with st.expander("What really ran, beside what is agreed"):
        what_ran(agreement, record)
    with st.expander(plain(covered(agreement)), key="agree.pipeline.part"):
        pipeline_owed(agreement)
        shown(pipeline_table(agreement))
        st.caption("Pipeline: opportunities × deal size. Coverage: pipeline for each unit of revenue to be won.")


def chances(agreement: Agreement, record: TrackRecord) -> None:
    """The probability of marketing's target by MQLs delivered."""
    found = odds_of(agreement, record)
    if found is None:
        st.caption("Marketing owes nothing.")
        return
    drawing, words = odds_chart(found, palette())
    st.vega_lite_chart(drawing, key="agree.odds", alt=words)
    for curve in found.curves:
        st.caption(plain(likely(curve)))
    if found.missing:
        st.caption(plain(found.missing))


def paces(agreement: Agreement) -> None:
    """One side's promise by week, against what came."""
    owing = [side for side in SIDES if getattr(agreement.split, side)]
    with st.container(horizontal=True):
        st.segmented_control(
            "Whose", owing, format_func=SOURCE.__getitem__, default=owing[0], required=True, key="agree.pace.side",
            label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
        st.selectbox(
            "Spread", list(SHAPES), format_func=SHAPES.__getitem__, key="agree.pace.shape", label_visibility="collapsed",
            persist_state="session", width=230,
        )  # fmt: skip
    side = state["agree.pace.side"] if state["agree.pace.side"] in owing else owing[0]
    found = pace(agreement, workspace().data, side, state["agree.pace.shape"])
    if found is None:
        return
    drawing, words = pace_chart(found, palette())
    st.vega_lite_chart(drawing, key="agree.pace", alt=words)
    st.caption(plain(found.sentence))
    if found.missing:
        st.caption(plain(found.missing))
    with st.popover("By week"):
        show_table(weeks_table(found))


def what_ran(agreement: Agreement, record: TrackRecord) -> None:
    """Every assumption beside what really ran, quarter by quarter, and what others publish."""
    if not record.quarters:
        st.caption("Load earlier quarters' exports to see what really ran beside what is agreed.")
    for side in SIDES:
        if rows := strip_rows(agreement, record, side):
            st.markdown(f"**{SOURCE[side]}**")
            drawing, words = evidence_strip(rows, palette())
            st.vega_lite_chart(drawing, key=f"agree.ran.{side}", alt=words)
    if record.quarters:
        st.caption(
            "Each tick is a quarter, the band their range, the diamond what is agreed: orange outside anything seen."
        )
    published = pd.DataFrame(
        {
            "Rate": [DRIVER[each.driver] for each in benchmarks()],
            "Published": [each.span for each in benchmarks()],
            "What was counted": [each.definition for each in benchmarks()],
            "How it is known": [each.method for each in benchmarks()],
            "Published by": [f"{each.publisher}, {each.year}" for each in benchmarks()],
            "Where": [each.url for each in benchmarks()],
        }
    )
    if st.toggle("What others publish (weak evidence)", key="agree.published"):
        st.caption(CAUTION)
        show_table(published)


def shown(table: pd.DataFrame) -> None:
    """A table whose amounts are written as the viewer writes them."""
    numbers = {name: st.column_config.NumberColumn(format="localized") for name in table.select_dtypes("number")}
    show_table(table, column_config=numbers)


def odds_of(agreement: Agreement, record: TrackRecord) -> Outlook | None:
    """The odds by MQLs delivered, worked out once for each agreement."""
    asked = (agreement.to_toml(), record.quarters)
    if state.get("agree.outlook", (None,))[0] != asked:
        state["agree.outlook"] = asked, outlook(agreement, record)
    found: Outlook | None = state["agree.outlook"][1]
    return found


def likely(found: Curve) -> str:
    """A curve in a sentence: 51% with what is promised; 180 for 70%, 189 for 80%, 204 for 90%."""
    more = [
        f"{mqls:,} for {percent(chance)}" if mqls else f"{percent(chance)} out of reach"
        for chance, mqls in found.mqls_for.items()
    ]
    label = found.label[0].upper() + found.label[1:]
    return f"{label}: {percent(found.promised)} with what is promised · {' · '.join(more)}"


def weeks_table(found: Pace) -> pd.DataFrame:
    """The promise by week."""
    return pd.DataFrame(
        {
            "Week": [f"{each.number}: {day(each.first)} – {day(each.last)}" for each in found.weeks],
            "Promised": [each.promised for each in found.weeks],
            "Due by its end": [round(each.ideal, 1) for each in found.weeks],
            "Came": [each.actual for each in found.weeks],
        }
    )


def pipeline_owed(agreement: Agreement) -> None:
    """Each side's pipeline and coverage, each to be typed: then the close rate gives way, or what is chosen."""
    found = pipeline(agreement)
    for column, side in zip(st.columns(2, gap="medium"), SIDES, strict=True):
        own = found.sides.get(side)
        if own is None or own.coverage is None:
            continue
        with column:
            left, right = st.columns(2, vertical_alignment="bottom")
            with left:
                follows(
                    f"agree.{side}.pipeline", f"{SOURCE[side]} pipeline, {plain(agreement.currency)}", round(own.value),
                    typed_pipeline, side, step=10_000.0,
                )  # fmt: skip
            with right:
                follows(
                    f"agree.{side}.coverage", "Coverage, times", round(own.coverage, 2), typed_coverage, side, step=0.1,
                    shown="%.2f",
                )  # fmt: skip
            what_gave_way(f"pipeline.{side}")
    st.selectbox(
        "When a pipeline is typed, this changes", PIPELINE_GIVES_WAY, format_func=PIPELINE.__getitem__,
        key="agree.pipeline.gives_way", width=330, persist_state="session",
        help="A typed coverage always changes the close rate: it is 1 ÷ close rate.",
    )  # fmt: skip


def typed_pipeline(side: str) -> None:
    """Somebody typed how much pipeline a side is to open."""
    gives_way = state["agree.pipeline.gives_way"]
    solved_for(
        f"pipeline.{side}",
        f"agree.{side}.pipeline",
        lambda wanted: solve_pipeline(state["agree.last"], side, wanted, gives_way),
    )


def typed_coverage(side: str) -> None:
    """Somebody typed how far a side's pipeline is to cover its revenue."""
    solved_for(
        f"pipeline.{side}", f"agree.{side}.coverage", lambda wanted: solve_coverage(state["agree.last"], side, wanted)
    )


def pipeline_table(agreement: Agreement) -> pd.DataFrame:
    """What each side owes in revenue and in pipeline."""
    found = pipeline(agreement)
    rows: dict[str, Pipeline] = {SOURCE[source]: side for source, side in found.sides.items()} | {"Both": found.total}
    return pd.DataFrame(
        {
            "Side": list(rows),
            f"Revenue owed, {agreement.currency}": [round(each.revenue) for each in rows.values()],
            "Split by revenue": [percent(each.share_of_revenue) for each in rows.values()],
            "Opportunities": [round(each.opportunities, 1) for each in rows.values()],
            f"Pipeline owed, {agreement.currency}": [round(each.value) for each in rows.values()],
            "Split by pipeline": [percent(each.share_of_pipeline) for each in rows.values()],
            "Coverage": [f"{each.coverage:.1f}×" if each.coverage else "–" for each in rows.values()],
        }
    )


def covered(agreement: Agreement) -> str:
    """The pipeline in a sentence."""
    total = pipeline(agreement).total
    coverage = f", {total.coverage:.1f}× the target" if total.coverage else ""
    return f"Pipeline and coverage: {agreement.currency} {money_short(total.value)}{coverage}"
