"""The records behind a bar in words: how many, that they tie to it, and what the columns are called."""

from dataclasses import replace
from datetime import datetime

import pandas as pd
import pytest

from alignment_core.bar_records import BarRecords, Tie
from alignment_core.record_words import COLUMN, carried_sentence, open_sentence, records_sentence, records_table
from tests.support import funnel_of, reviewed

PLAN, ACTUAL = funnel_of(164, 0.75, 0.5, 0.45, 30_000), funnel_of(160, 0.6, 0.5, 0.5, 25_000)
PERIOD = reviewed({"marketing": PLAN}, {"marketing": ACTUAL})
COHORT = replace(PERIOD, basis="cohort")
DAY = datetime(2026, 7, 1, 9, 30, 59)


def bar(driver):
    return next(each for each in PERIOD.bars if each.driver == driver)


def listed(stages, *, both=0, first=0, second=0, amount=None, ties=(), ids=True, status="open", **more):
    """Records that reached both stages, or only one of them."""
    reached = [(DAY, DAY)] * both + [(DAY, None)] * first + [(None, DAY)] * second
    frame = pd.DataFrame(reached, columns=["one", "two"]).astype("datetime64[us]")
    frame = frame.rename(columns=dict(zip(("one", "two"), stages, strict=False)))
    names = [f"L{place}" for place in range(len(frame))] if ids else None
    frame = frame.assign(lead_id=names, deal_id=None, status=status, amount=amount, counted=amount)
    return BarRecords(frame, stages, ties, **more)


def tie(what, records, counted=None):
    return Tie(what, records, records if counted is None else counted)


RATE = ("mqls", "sqls")


def test_a_conversion_lists_who_entered_and_who_passed_as_its_basis_follows_them():
    found = listed(RATE, both=90, first=70, second=6)
    rate = bar("mql_to_sql")
    assert records_sentence(COHORT, rate, found) == (
        "160 MQLs are listed, of which 96 went on to become SQLs: the bar's 60.0%."
    )
    assert records_sentence(PERIOD, rate, found) == (
        "160 MQLs are listed, and 96 SQLs of the quarter, whenever they began: the bar's 60.0%."
    )


def test_one_record_is_spoken_of_as_one():
    found = listed(RATE, both=1)
    assert records_sentence(PERIOD, bar("mql_to_sql"), found).startswith("1 MQL is listed, and 1 SQL of the quarter")
    opportunity = listed(("opportunities", "wins"), first=1)
    assert records_sentence(PERIOD, bar("close_rate"), opportunity).startswith("1 opportunity is listed, and 0 wins")


@pytest.mark.parametrize(
    ("waiting", "said"),
    [(2, " so far; 2 are still open."), (1, " so far; 1 is still open."), (0, ".")],
)
def test_of_a_segment_the_rate_is_its_own_and_says_how_many_may_still_go_on(waiting, said):
    found = listed(RATE, both=3, first=waiting, where={"region": "EMEA", "lead_type": "Webinar"})
    number, rate = 3 + waiting, {2: "60.0%", 1: "75.0%", 0: "100.0%"}[waiting]
    assert records_sentence(COHORT, bar("mql_to_sql"), found) == (
        f"{number} MQLs with region EMEA and lead type Webinar are listed, of which 3 went on to become SQLs: {rate}{said}"
    )


def test_deal_size_and_volume_say_what_they_come_to():
    wins = listed(("wins",), both=0, first=4, amount=25_000.0)
    assert records_sentence(PERIOD, bar("deal_size"), wins) == (
        "4 wins are listed, together USD 100,000: the bar's 25,000 each."
    )
    assert records_sentence(PERIOD, bar("deal_size"), replace(wins, where={"region": "EMEA"})) == (
        "4 wins with region EMEA are listed, together USD 100,000: 25,000 each."
    )
    assert records_sentence(PERIOD, bar("mql_volume"), listed(("mqls",), first=160)) == (
        "160 MQLs are listed: the bar's MQL volume."
    )


def test_what_is_on_neither_side_is_listed_with_all_its_stages_and_its_worth():
    ties = (tie("mqls", 2), tie("sqls", 1), tie("revenue", 1_234.5))
    found = listed(RATE, both=1, first=1, ties=ties)
    assert records_sentence(PERIOD, replace(bar("mql_volume"), driver="unassigned"), found) == (
        "2 MQLs and 1 SQL on neither side are listed, together USD 1,234."
    )


def test_records_without_ids_and_steps_that_only_some_segments_have_are_said():
    found = listed(RATE, both=2, ids=False, segments=("EMEA", "NA"))
    assert records_sentence(PERIOD, bar("mql_to_sql"), found).endswith(
        ", in EMEA, NA alone: elsewhere other steps were counted. The files give no ids, so look these up by their dates."
    )


def test_records_that_do_not_tie_are_reported_with_both_numbers():
    found = listed(RATE, both=2, ties=(tie("mqls", 2), tie("revenue", 1_000, 1_500.25)))
    assert records_sentence(PERIOD, bar("mql_to_sql"), found).endswith(
        ". The records do not add up to the bar (revenue: 1,000.00 against 1,500.25): please report this."
    )


def test_what_came_from_earlier_quarters_and_what_was_open_at_the_end():
    came = listed(("wins",), first=2, ties=(tie("sqls", 3), tie("wins", 2), tie("revenue", 61_000)))
    assert carried_sentence(PERIOD, "marketing", "carried_in", came) == (
        "Marketing-sourced: 3 SQLs and 2 wins counted in Q3 2026 began in an earlier quarter, together USD 61,000."
    )
    assert carried_sentence(PERIOD, "sales", "carried_out", listed(("sqls",), first=3, ties=(tie("sqls", 2), tie("opportunities", 1)))) == (
        "3 sales-sourced records that began in Q3 2026 were open at its end: 2 SQLs and 1 opportunity."
    )  # fmt: skip
    assert carried_sentence(PERIOD, "sales", "carried_out", listed(("sqls",), first=1, ties=(tie("sqls", 1),))) == (
        "1 sales-sourced record that began in Q3 2026 was open at its end: 1 SQL."
    )


def test_what_is_still_open_is_said_by_stage():
    ties = (tie("mqls", 18), tie("sqls", 7), tie("opportunities", 22))
    assert open_sentence(listed(RATE, first=47, ties=ties)) == (
        "47 records are still open: 18 MQLs, 7 SQLs and 22 opportunities."
    )
    assert open_sentence(listed(RATE, first=1, ties=(tie("opportunities", 1),))) == (
        "1 record is still open: 1 opportunity."
    )


def test_the_table_has_columns_to_be_read_times_to_the_minute_and_none_that_says_nothing():
    table = records_table(listed(RATE, both=1, amount=5.0).records.assign(account_tier="A"))
    assert table.to_dict("records") == [
        {"MQL on": DAY.replace(second=0), "SQL on": DAY.replace(second=0), "Lead ID": "L0", "Now": "open", "Amount": 5.0, "Account tier": "A"}
    ]  # fmt: skip


def test_what_a_win_counts_for_is_shown_where_that_is_not_its_amount():
    records = listed(("wins",), first=2, amount=5.0).records.assign(counted=[5.0, 0.0])
    assert records_table(records)[COLUMN["counted"]].tolist() == [5.0, 0.0]
