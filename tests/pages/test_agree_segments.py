"""Plans per segment on the page Agree: what ran stands beside them, and what never ran is said."""

from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from alignment_core.track_record import track_record
from tests.pages.test_agree import PLAN, agreed, edit, in_use, opened, put, texts
from tests.support import summary

QUARTERS = ("2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2")


def files(**more: Any):
    """EMEA: 50, 55, 60 and 52.5% of 200 MQLs, half of the SQLs, 40% of the opportunities at 30,000; then no quarter of APAC
    has five records: 3 MQLs and 4 wins in each, at 20,000."""
    emea = [(200, 100, 50, 20), (200, 110, 55, 22), (200, 120, 60, 24), (200, 105, 50, 20)]
    rows = [("EMEA", 30_000, counts) for counts in emea] + [("APAC", 20_000, (3, 2, 4, 4))] * 4
    return summary(
        *(
            {"quarter": QUARTERS[place % 4], "source": "marketing", "region": region, **more}
            | dict(zip(("mqls", "sqls", "opportunities", "wins"), counts, strict=True))
            | {"revenue": counts[-1] * size}
            for place, (region, size, counts) in enumerate(rows)
        )
    )


def planned(**rates: float):
    """All of marketing's revenue from EMEA, but for APAC's fifth."""
    return agreed(
        sourcing={},
        segments={"field": "region", "marketing": {"EMEA": {"share": 0.8, **rates}, "APAC": {"share": 0.2}}},
    )


def ran(page: AppTest) -> list[pd.DataFrame]:
    """The tables of what ran, a side each."""
    assert not page.exception
    return [each.value for each in page.dataframe if "Segment" in each.value.columns]


def test_what_ran_stands_beside_each_segments_plan() -> None:
    """EMEA: 435 SQLs of 800 MQLs, 215 opportunities, 86 wins. APAC's 16 wins are enough for a value, 12 MQLs are not."""
    (table,) = ran(opened(planned(mql_to_sql=0.55, sql_to_opportunity=0.5, close_rate=0.4), files()))
    assert table.to_dict("records") == [
        {"Segment": "EMEA", "Close rate": "40% (215 opportunities)", "SQL → opportunity": "48–50% (435 SQLs)",
         "MQL → SQL": "50–60% (800 MQLs)", "Deal size": "30k (86 wins)"},
        {"Segment": "APAC", "Close rate": "– (too few: 16)", "SQL → opportunity": "– (too few: 8)",
         "MQL → SQL": "– (too few: 12)", "Deal size": "20k over 16 wins"},
    ]  # fmt: skip


def test_a_rate_that_no_quarter_of_the_segment_ran_is_said_and_marked() -> None:
    """EMEA owes 664,200 of 830,250: 22.14 wins, 55.35 opportunities, 110.7 SQLs. At 95% that is 116.5 MQLs, at 54% 205.0;
    APAC's fifth at the side's own rates (75%, 50%, 45%) 32.8 more: 150 and 238."""
    page = opened(planned(mql_to_sql=0.95, sql_to_opportunity=0.5, close_rate=0.4), files())
    said = "▲] Marketing-sourced MQL → SQL, EMEA: 95% agreed; the last four quarters ran 50–60%."
    assert f"{said} At 54% marketing would owe 238 MQLs, not 150." in texts(page)
    assert "▲ agreed above anything seen, ▼ below" in texts(page)
    assert ran(page)[0]["MQL → SQL"].tolist() == ["▲ 50–60% (800 MQLs)", "– (too few: 12)"]
    page = edit(page, "agree.segments.marketing", edited_rows={"0": {"mql_to_sql": 55.0}})
    assert "MQL → SQL, EMEA" not in texts(page)
    assert ran(page)[0]["MQL → SQL"].tolist() == ["50–60% (800 MQLs)", "– (too few: 12)"]


def test_a_blank_rate_is_the_sides_own_and_held_against_the_segment_too() -> None:
    """The side's 75% lies above EMEA's 50–60%; of APAC too little is known to say so."""
    said = texts(opened(planned(), files()))
    assert "Marketing-sourced MQL → SQL, EMEA: 75% agreed; the last four quarters ran 50–60%." in said
    assert "MQL → SQL, APAC" not in said


def test_what_ran_still_stands_where_the_plan_cannot_be_agreed() -> None:
    page = edit(opened(planned(), files()), "agree.segments.marketing", edited_rows={"0": {"share": 90.0}})
    assert "shares must sum to 1" in texts(page)
    assert ran(page)[0]["Segment"].tolist() == ["EMEA", "APAC"]
    assert ran(page)[0]["MQL → SQL"].tolist()[0] == "50–60% (800 MQLs)"


def test_a_segment_that_never_was_has_dashes() -> None:
    page = edit(opened(planned(), files()), "agree.segments.marketing", added_rows=[{"segment": "Mars", "share": 0.0}])
    assert ran(page)[0].iloc[2].tolist() == ["Mars", "–", "–", "–", "–"]


def test_choosing_a_field_drafts_each_segments_own_rates() -> None:
    """86 wins of 30,000 to 16 of 20,000: 2.58M to 0.32M, 89.0% to 11.0%. Marketing's EMEA: 435 of 800, 215 of 435, 86 of 215."""
    page = put(opened(agreed(sourcing={}), files()), "segments.field", "region", "selectbox")
    assert ran(page)[0]["Deal size"].tolist() == ["30k (86 wins)", "20k over 16 wins"]
    assert "anything seen, ▼" not in texts(page)
    page.button(key="agree.use").click().run()
    assert in_use(page).segments.model_dump(exclude_none=True) == {
        "field": "region",
        "sales": {},
        "marketing": {
            "EMEA": {"share": 0.89, "mql_to_sql": 0.544, "sql_to_opportunity": 0.494, "close_rate": 0.4, "deal_size": 30_000},
            "APAC": {"share": 0.11, "deal_size": 20_000},
        },
    }  # fmt: skip


def test_what_ran_is_worked_out_only_for_a_chosen_field_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def counted(data: Any, agreement: Any, by: str) -> Any:
        asked.append(by)
        return track_record(data, agreement, by=by)

    monkeypatch.setattr("ui.agree.segments.track_record", counted)
    page = opened(agreed(sourcing={}), files())
    assert asked == []
    page = put(page, "segments.field", "region", "selectbox")
    page = put(page, "marketing.close_rate", 44.0)
    assert asked == ["region"]
    put(page, "quarter", "2026-Q4", "selectbox")
    assert asked == ["region", "region"]


def test_without_an_earlier_quarter_that_is_said() -> None:
    page = opened(planned().model_copy(update={"quarter": "2025-Q3"}), files())
    assert not ran(page)
    assert "No earlier quarter is shown by this field to compare with." in texts(page)


def test_owners_are_offered_only_where_they_are_shown() -> None:
    data = files(owner="Ann Lee")
    offered = [opened(agreed(follow_up={"show_owners": show}), data) for show in ("name", "hidden")]
    shown, hidden = (page.selectbox(key="agree.segments.field").options for page in offered)
    assert ("owner" in shown, "owner" in hidden) == (True, False)
    assert "region" in hidden


def test_a_plan_by_hidden_owners_stays_as_agreed_without_what_they_ran() -> None:
    by_owner = {"field": "owner", "marketing": {"Ann Lee": {"share": 1.0}}}
    there = agreed(sourcing={}, segments=by_owner, follow_up={"show_owners": "hidden"})
    page = opened(there, files(owner="Ann Lee"))
    assert "In use: the review runs on this agreement." in texts(page)
    assert not ran(page)
    assert len(ran(opened(agreed(sourcing={}, segments=by_owner), files(owner="Ann Lee")))) == 1


def test_a_segments_name_is_text_not_markup() -> None:
    name = "![x](http://evil.example/x.png)"
    data = summary(*({**row, "region": name, "source": "marketing"} for row in wins()))
    page = opened(
        agreed(sourcing={}, marketing=PLAN, segments={"field": "region", "marketing": {name: {"share": 1.0}}}), data
    )
    assert f"{name}: 75% agreed; the last four quarters ran 20%." in texts(page).replace("\u2060", "")
    assert not any("![x](" in each.value for each in [*page.markdown, *page.caption])


def wins() -> list[dict[str, Any]]:
    counts = {"mqls": 200, "sqls": 40, "opportunities": 20, "wins": 9, "revenue": 270_000}
    return [{"quarter": name, **counts} for name in QUARTERS]
