"""The records behind every bar are as many, and worth as much, as the bar says."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from alignment_core.agreement import Agreement
from alignment_core.bar_records import bar_records, carried_records, open_records, stages_of
from alignment_core.choices import Choices
from alignment_core.contested import carried
from alignment_core.data import Data
from alignment_core.engine import ROW
from alignment_core.errors import DataError
from alignment_core.imports.headers import OF_A_PERSON
from alignment_core.quarters import Quarter
from alignment_core.record_words import carried_sentence, open_sentence, records_sentence
from alignment_core.review import review
from alignment_core.segments import by_fields, segments_that_matter
from alignment_core.why import why
from tests.support import agreed, records, sample, summary

Q3 = Quarter(2026, 3)


def check(data, agreement, result):
    """Every bar of a review, and of its segments; returns how many."""
    for bar in (*result.bars, *result.segment_bars):
        found = bar_records(data, agreement, result, bar)
        assert all(tie.holds for tie in found.ties), (bar, found.ties)
        assert [tie.what for tie in found.ties][: len(found.stages)] == list(found.stages)
        for stage in found.stages:
            assert found.records[stage].notna().sum() == next(tie.records for tie in found.ties if tie.what == stage)
        if bar.plan is not None and bar.actual is not None and len(found.stages) == 2 and not bar.undefined:
            entered, passed = (found.records[stage].notna().sum() for stage in found.stages)
            assert bar.actual == pytest.approx(passed / entered)
        if bar.driver == "deal_size" and bar.actual is not None:
            assert found.records["counted"].sum() / len(found.records) == pytest.approx(bar.actual)
    return len(result.bars) + len(result.segment_bars)


@pytest.mark.parametrize("basis", ["period", "cohort"])
@pytest.mark.parametrize("by", [None, "region", "industry"])
def test_every_bar_of_the_sample_ties(basis, by):
    data, agreement = sample()
    result = review(data, agreement, basis=basis, by=by, judged=False)
    assert check(data, agreement, result) >= 10


def test_every_quarter_ties():
    data, agreement = sample()
    for quarter in data.funnel(agreement).quarters:
        check(data, agreement, review(data, agreement, quarter, judged=False))


def test_every_sourcing_rule_ties():
    data, agreement = sample()
    rules = carried(data, agreement)
    assert len(rules) > 1
    for rule in rules:
        for contested in ("rule", "sales"):
            sourcing = agreement.sourcing.model_copy(update={"rule": rule, "contested": contested})
            other = agreement.model_copy(update={"sourcing": sourcing})
            check(data, other, review(data, other, judged=False))


@pytest.mark.parametrize("basis", ["period", "cohort"])
@pytest.mark.parametrize(
    "changed",
    [
        {"skipped_stages": "counted as passed"}, {"skipped_stages": "not counted"}, {"wins_without_amount": "left out"},
        {"wins_without_amount": "at the average"}, {"zero_or_negative_amounts": "left out"}, {"out_of_order": "left out"},
        {"deals_without_lead": "left out"}, {"several_deals": "once"}, {"converted_without_deal": "as the lead says"},
    ],
    ids=str,
)  # fmt: skip
def test_every_choice_ties(basis, changed):
    data, agreement = sample()
    data = data.with_choices(Choices(**changed))
    check(data, agreement, review(data, agreement, basis=basis, judged=False))


def test_mqls_as_the_agreement_defines_them_tie():
    data, agreement = sample()
    if agreement.mql is None or agreement.mql.is_empty:
        pytest.fail("the sample's agreement has lost its definition of an MQL")
    for basis in ("period", "cohort"):
        check(data, agreement, review(data, agreement, basis=basis, mql="agreed", judged=False))


def test_a_conversion_says_of_each_record_whether_it_went_on():
    data, agreement = sample()
    result = review(data, agreement, basis="cohort", judged=False)
    found = bar_records(data, agreement, result, result.bars[1])
    assert found.stages == ("mqls", "sqls")
    assert len(found.records) == 196
    assert found.records["mqls"].notna().all()
    assert found.records["sqls"].notna().sum() == 76
    assert set(found.records["status"]) == {"won", "lost", "open"}


def test_nothing_personal_and_owners_as_agreed():
    data, agreement = sample()
    result = review(data, agreement, judged=False)
    found = bar_records(data, agreement, result, result.bars[0]).records
    assert not set(found.columns) & set(OF_A_PERSON)
    assert found["owner"].str.fullmatch(r"Rep \d+|no owner").all()
    follow_up = agreement.follow_up.model_copy(update={"show_owners": "hidden"})
    hidden = agreement.model_copy(update={"follow_up": follow_up})
    assert "owner" not in bar_records(data, hidden, result, result.bars[0]).records


def rows(ids=True, amounts=True):
    """Twelve MQLs of webinars, six of them SQLs and opportunities, three won; every third win without an amount."""
    for place in range(12):
        went_on, won = place % 2 == 0, place % 4 == 0
        row = {"lead_source": "Webinar", "mql_at": "2026-07-02"}
        row |= (
            {"sql_at": "2026-07-05", "opportunity_at": "2026-07-08"}
            if went_on
            else {"sql_at": None, "opportunity_at": None}
        )
        row |= {
            "won_at": "2026-07-20" if won else None,
            "amount": 1000.0 + place if amounts and won and place else None,
        }
        yield row | ({"lead_id": f"L{place}"} if ids else {})


def leads(**kind):
    return records(*({**row, "amount": row["amount"] and Decimal(str(row["amount"]))} for row in rows(**kind)))


EVENTS = pa.table(
    {
        "stage": ["mqls"] * 6 + ["sqls"] * 3 + ["wins"] * 2,
        "at": pa.array([datetime(2026, 7, 3)] * 11, pa.timestamp("us")),
        "lead_source": ["Webinar"] * 11,
        "region": ["EMEA", "APAC"] * 5 + ["EMEA"],
        "amount": pa.array([None] * 9 + [Decimal(5), Decimal(7)], pa.decimal128(18, 4)),
    }
)
AMOUNTS = ("at zero", "at the average", "left out")


@pytest.mark.parametrize("basis", ["period", "cohort"])
@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize("amounts", [True, False])
@pytest.mark.parametrize("chosen", AMOUNTS)
def test_leads_without_ids_and_wins_without_amounts_tie(basis, ids, amounts, chosen):
    data = leads(ids=ids, amounts=amounts).with_choices(Choices(wins_without_amount=chosen))
    result = review(data, agreed(), Q3, basis=basis, judged=False)
    check(data, agreed(), result)
    by_driver = {bar.driver: bar for bar in result.bars if bar.source == "marketing"}
    found = bar_records(data, agreed(), result, by_driver["mql_to_sql"]).records
    assert (len(found), found["sqls"].notna().sum(), found["lead_id"].notna().sum()) == (12, 6, 12 if ids else 0)
    size = bar_records(data, agreed(), result, by_driver["deal_size"]).records
    if not amounts:  # the agreed 30,000 each, whatever was chosen
        assert size["counted"].tolist() == [30_000.0] * 3
    else:
        missing = {"at zero": [0.0], "at the average": [1006.0], "left out": []}[chosen]
        assert sorted(size["counted"]) == sorted([1004.0, 1008.0, *missing])


@pytest.mark.parametrize("by", [None, "region"])
def test_files_of_one_stage_each_tie_and_do_not_say_what_became_of_their_records(by):
    data = Data({"stage_events": EVENTS})
    result = review(data, agreed(), Q3, by=by, judged=False)
    check(data, agreed(), result)
    found = bar_records(data, agreed(), result, result.bars[1]).records
    assert (len(found), found["mqls"].notna().sum(), found["sqls"].notna().sum()) == (9, 6, 3)
    assert found["status"].isna().all()
    assert found["lead_id"].isna().all()


def test_a_driver_that_only_some_segments_have_lists_theirs():
    """Of Q2 EMEA has everything, of Q3 no SQL but opportunities: its MQLs lead straight to them, elsewhere through SQLs."""

    def row(number, region, **dates):
        blank = dict.fromkeys(("mql_at", "sql_at", "opportunity_at", "won_at"))
        return (
            blank | dates | {"lead_id": f"L{number}", "lead_source": "Webinar", "region": region, "amount": Decimal(10)}
        )

    whole = {"mql_at": "2026-05-01", "sql_at": "2026-05-02", "opportunity_at": "2026-05-03", "won_at": "2026-05-04"}
    own = [row(number, region, **whole) for number, region in enumerate(["EMEA", "APAC"] * 4)]
    own += [row(20 + n, "EMEA", mql_at="2026-07-01", opportunity_at="2026-07-05" if n < 2 else None) for n in range(5)]
    steps = {"mql_at": "2026-07-01", "sql_at": "2026-07-02", "opportunity_at": "2026-07-03", "won_at": "2026-07-04"}
    own += [row(30 + n, "APAC", **steps) for n in range(3)]
    data, agreement = records(*own), agreed(split={"marketing": 1, "sales": 0}, sales=None)
    result = review(data, agreement, Q3, by="region", judged=False)
    assert check(data, agreement, result) > len(result.bars)
    bar = next(bar for bar in result.bars if bar.driver == "mql_to_opportunity")
    found = bar_records(data, agreement, result, bar)
    assert found.segments == ("EMEA",)
    assert (len(found.records), found.records["opportunities"].notna().sum(), bar.actual) == (5, 2, 0.4)
    assert "in EMEA alone: elsewhere other steps were counted" in records_sentence(result, bar, found)


def test_a_lead_without_an_id_among_others_is_not_lost():
    own = [row | {"lead_id": None if place == 5 else f"L{place}"} for place, row in enumerate(rows(amounts=False))]
    data = records(*own)
    check(data, agreed(), review(data, agreed(), Q3, judged=False))


def without_some_amounts() -> tuple[Data, Agreement]:
    """The sample, with every fourth deal's amount gone."""
    data, agreement = sample()
    tables = {name: data.engine._tables[name] for name in ("leads", "deals", "touches")}
    tables = {name: each.drop_columns([ROW] if ROW in each.column_names else []) for name, each in tables.items()}
    deals = tables["deals"]
    amounts = [None if place % 4 == 0 else each for place, each in enumerate(deals["amount"].to_pylist())]
    where = deals.column_names.index("amount")
    tables["deals"] = deals.set_column(where, "amount", pa.array(amounts, deals["amount"].type))
    return Data(tables), agreement


@pytest.mark.parametrize("basis", ["period", "cohort"])
@pytest.mark.parametrize("chosen", AMOUNTS)
@pytest.mark.parametrize("by", [None, "region"])
def test_revenue_ties_where_some_wins_have_no_amount(basis, chosen, by):
    data, agreement = without_some_amounts()
    data = data.with_choices(Choices(wins_without_amount=chosen))
    result = review(data, agreement, basis=basis, by=by, judged=False)
    check(data, agreement, result)
    sizes = [bar_records(data, agreement, result, bar).records for bar in result.bars if bar.driver == "deal_size"]
    assert sum(each["amount"].isna().sum() for each in sizes) >= (0 if chosen == "left out" else 4)


def test_the_mean_is_that_of_other_sources_or_quarters_where_the_own_has_none():
    """Marketing's only win of the quarter has no amount: sales' has one. Then neither has, and the quarter before says it."""
    marketing = {
        "lead_source": "Webinar",
        "mql_at": "2026-07-02",
        "sql_at": "2026-07-03",
        "won_at": "2026-07-20",
        "amount": None,
        "lead_id": "A",
    }
    sales = marketing | {"lead_source": "Cold call", "mql_at": None, "amount": Decimal(700), "lead_id": "B"}
    before = marketing | {
        "mql_at": "2026-04-02",
        "sql_at": "2026-04-03",
        "won_at": "2026-05-01",
        "amount": Decimal(900),
        "lead_id": "C",
    }
    for own, worth in (((marketing, sales, before), 700), ((marketing, sales | {"amount": None}, before), 900)):
        data = records(*own).with_choices(Choices(wins_without_amount="at the average"))
        result = review(data, agreed(), Q3, judged=False)
        check(data, agreed(), result)
        size = next(bar for bar in result.bars if (bar.source, bar.driver) == ("marketing", "deal_size"))
        assert bar_records(data, agreed(), result, size).records["counted"].tolist() == [worth]


@pytest.mark.parametrize("chosen", AMOUNTS)
def test_a_tie_fails_where_the_review_says_something_else(chosen):
    """Revenue and wins that are one too many: the records are not made to fit."""
    data, agreement = without_some_amounts()
    data = data.with_choices(Choices(wins_without_amount=chosen))
    result = review(data, agreement, judged=False)
    own = result.actual["marketing"]
    other = replace(
        result, actual={**result.actual, "marketing": replace(own, revenue=own.revenue + 1, wins=own.wins + 1)}
    )
    for bar in other.bars:
        if bar.source == "marketing" and "wins" in stages_of(bar.driver):
            ties = {tie.what: tie.holds for tie in bar_records(data, agreement, other, bar).ties}
            assert not ties["wins"]
            assert not ties.get("revenue", False)
            assert "do not add up" in records_sentence(other, bar, bar_records(data, agreement, other, bar))


def test_what_is_open_is_what_the_page_says_is_open():
    """On cohort basis: the MQLs that went no further, the SQLs, the opportunities. A lead whose deals were lost is lost."""
    data, agreement = sample()
    result = review(data, agreement, basis="cohort")
    mqls, sqls, opportunities = (bar_records(data, agreement, result, bar).records for bar in result.bars[1:4])
    open_ = result.not_decided["marketing"].open
    for found, stage in ((mqls, "mqls"), (sqls, "sqls"), (opportunities, "opportunities")):
        next_stage = {"mqls": "sqls", "sqls": "opportunities", "opportunities": "wins"}[stage]
        assert (found["status"].eq("open") & found[next_stage].isna()).sum() == open_[stage]
    assert mqls["status"].eq("open").sum() == sum(open_.values())


def test_a_summary_has_no_records():
    row = {
        "quarter": "2026-Q3",
        "source": "marketing",
        "mqls": 150.0,
        "sqls": 90.0,
        "opportunities": 50.0,
        "wins": 20.0,
    }
    data = summary(row | {"revenue": 600_000})
    result = review(data, agreed(), Q3)
    with pytest.raises(DataError, match="come from a summary, which does not say which records"):
        bar_records(data, agreed(), result, result.bars[0])


def test_stages():
    assert stages_of("mql_to_sql") == ("mqls", "sqls")
    assert stages_of("opportunity_volume") == ("opportunities",)
    assert stages_of("deal_size") == stages_of("unassigned") == ("wins",)


@pytest.mark.parametrize("quarter", [Q3, Q3.previous])
def test_the_open_records_are_those_that_are_said_to_be_open(quarter):
    data, agreement = sample()
    result = review(data, agreement, quarter, basis="cohort")
    for source, decided in result.not_decided.items():
        found = open_records(data, agreement, result, source)
        assert len(found.records) == sum(decided.open.values())
        assert all(tie.holds for tie in found.ties)
        assert {tie.what: tie.records for tie in found.ties} == decided.open
    assert open_sentence(open_records(data, agreement, review(data, agreement, basis="cohort"), "marketing")) == (
        "47 records are still open: 18 MQLs, 7 SQLs and 22 opportunities."
    )
    with pytest.raises(DataError, match="basis cohort"):
        open_records(data, agreement, review(data, agreement), "marketing")


def test_records_of_mqls_say_how_they_were_followed_up():
    """As the parts of the conversion count them: 57% of 196 in time."""
    data, agreement = sample()
    result = review(data, agreement, basis="cohort")
    found = bar_records(data, agreement, result, result.bars[1]).records
    counted = found["follow_up"].value_counts()
    moved = next(each for each in why(data, agreement, result) if each.bar == result.bars[1])
    evidence = next(part.evidence for part in moved.parts if part.part == "follow_up")
    assert counted["in time"] / (counted["in time"] + counted["late"]) == pytest.approx(evidence["in_time_now"])
    assert (
        found.loc[found["follow_up"] == "in time", "first_touch"] > found.loc[found["follow_up"] == "in time", "mqls"]
    ).all()
    assert "follow_up" not in bar_records(data, agreement, result, result.bars[2]).records


def test_all_of_unassigned_demand_is_listed_whatever_came_of_it():
    data, agreement = sample()
    result = review(data, agreement)
    bar = next(bar for bar in result.bars if bar.source == "unassigned")
    found = bar_records(data, agreement, result, bar)
    assert all(tie.holds for tie in found.ties)
    assert (
        records_sentence(result, bar, found) == "4 MQLs, 1 SQL and 0 wins on neither side are listed, together USD 0."
    )


@pytest.mark.parametrize("basis", ["period", "cohort"])
def test_a_segment_that_stands_out_opens_to_as_many_records_as_it_says(basis):
    """EMEA stands out in MQL → SQL: 75 entered, 12 passed and 3 may still, whichever basis the review counts by."""
    data, agreement = sample()
    result = review(data, agreement, basis=basis)
    bar = result.bars[1]
    segments = segments_that_matter(data, agreement, result, bar)
    (each,) = segments.found
    asked = replace(result, basis=segments.basis)
    found = bar_records(data, agreement, asked, bar, dict(zip(each.fields, each.values, strict=True)))
    assert len(found.records) == each.records == 75
    assert set(found.records["region"]) == {"EMEA"}
    assert [(tie.what, tie.records, tie.counted) for tie in found.ties] == [("mqls", 75, 75), ("sqls", 12, 12)]
    waiting = (found.records["status"].eq("open") & found.records["sqls"].isna()).sum()
    said = records_sentence(asked, bar, found)
    assert said == (
        f"75 MQLs with region EMEA are listed, of which 12 went on to become SQLs: 16.0% so far; {waiting} are still open."
    )


@pytest.mark.parametrize("basis", ["period", "cohort"])
@pytest.mark.parametrize("fields", [("region",), ("region", "lead_type"), ("industry", "lead_source")])
def test_the_records_of_every_segment_are_as_many_as_entered_it_and_together_the_bars(basis, fields):
    data, agreement = sample()
    result = review(data, agreement, basis=basis, judged=False)
    for bar in result.bars[1:4]:
        rows, _ = by_fields(data, agreement, result, bar, fields)
        entered, passed = stages_of(bar.driver)
        whole = bar_records(data, agreement, result, bar).records
        listed = {entered: 0, passed: 0}
        for _, row in rows[rows["now"] > 0].iterrows():
            found = bar_records(data, agreement, result, bar, {name: row[name] for name in fields})
            assert len(found.ties) == 2
            assert all(tie.holds for tie in found.ties), (bar, found.where, found.ties)
            assert found.records[entered].notna().sum() == row["now"]
            for stage in listed:
                listed[stage] += found.records[stage].notna().sum()
        assert listed[entered] == whole[entered].notna().sum()
        # On period basis a segment may have passed alone; it entered in an earlier quarter.
        assert listed[passed] == whole[passed].notna().sum() or basis == "period"


@pytest.mark.parametrize("basis", ["period", "cohort"])
@pytest.mark.parametrize("chosen", AMOUNTS)
def test_the_revenue_of_a_segment_ties_where_some_wins_have_no_amount(basis, chosen):
    data, agreement = without_some_amounts()
    data = data.with_choices(Choices(wins_without_amount=chosen))
    result = review(data, agreement, basis=basis, judged=False)
    cells = review(data, agreement, basis=basis, by="region", judged=False).segment_actual["marketing"]
    size = next(bar for bar in result.bars if (bar.source, bar.driver) == ("marketing", "deal_size"))
    for region, counts in cells.items():
        if counts.wins:
            found = bar_records(data, agreement, result, size, {"region": region})
            assert [tie.what for tie in found.ties] == ["wins", "revenue"]
            assert all(tie.holds for tie in found.ties), (region, found.ties)
            assert found.records["counted"].sum() == pytest.approx(counts.revenue)


def test_a_segment_of_a_breakdown_and_a_field_are_a_pair():
    data, agreement = sample()
    result = review(data, agreement, by="region", basis="cohort", judged=False)
    bar = next(each for each in result.segment_bars if (each.driver, each.segment) == ("mql_to_sql", "EMEA"))
    whole = bar_records(data, agreement, result, bar).records
    found = bar_records(data, agreement, result, bar, {"lead_type": "E-book"})
    assert found.where == {"region": "EMEA", "lead_type": "E-book"}
    assert len(found.records) == (whole["lead_type"] == "E-book").sum() == found.ties[0].counted


def test_a_field_or_a_value_that_is_not_there_is_refused_with_what_is():
    data, agreement = sample()
    result = review(data, agreement, judged=False)
    with pytest.raises(DataError, match=r"There is no field 'planet' here; there is .*region"):
        bar_records(data, agreement, result, result.bars[1], {"planet": "Mars"})
    with pytest.raises(DataError, match="No record here has region 'Mars'; there is APAC, EMEA, "):
        bar_records(data, agreement, result, result.bars[1], {"region": "Mars"})
    follow_up = agreement.follow_up.model_copy(update={"show_owners": "hidden"})
    hidden = agreement.model_copy(update={"follow_up": follow_up})
    with pytest.raises(DataError, match="Owners are not shown"):
        bar_records(data, hidden, result, result.bars[1], {"owner": "Rep 1"})


@pytest.mark.parametrize("quarter", [Q3, Q3.previous, Quarter(2025, 4)], ids=str)
@pytest.mark.parametrize("by", [None, "region"])
def test_every_count_of_what_was_carried_opens_to_as_many_records(quarter, by):
    data, agreement = sample()
    result = review(data, agreement, quarter, by=by)
    assert set(result.carried) == {"marketing", "sales"}
    for source, carried_ in result.carried.items():
        for stage, number in carried_.carried_out.items():
            found = carried_records(data, agreement, result, source, "carried_out", stage)
            assert len(found.records) == number == found.ties[0].records
        out = carried_records(data, agreement, result, source, "carried_out")
        assert len(out.records) == sum(carried_.carried_out.values())
        assert all(tie.holds for tie in out.ties)
        for stage in ("sqls", "opportunities", "wins"):
            number = getattr(carried_.carried_in, stage)
            found = carried_records(data, agreement, result, source, "carried_in", stage)
            assert len(found.records) == number
            assert all(tie.holds for tie in found.ties), (source, stage, found.ties)
            if stage == "wins":
                assert found.records["counted"].sum() == pytest.approx(carried_.carried_in.revenue)
        whole = carried_records(data, agreement, result, source, "carried_in")
        assert whole.ties[-1].what == "revenue"
        assert all(tie.holds for tie in whole.ties)


@pytest.mark.parametrize("chosen", AMOUNTS)
def test_carried_revenue_ties_where_some_wins_have_no_amount(chosen):
    data, agreement = without_some_amounts()
    data = data.with_choices(Choices(wins_without_amount=chosen))
    result = review(data, agreement)
    for source in result.carried:
        found = carried_records(data, agreement, result, source, "carried_in")
        assert all(tie.holds for tie in found.ties), found.ties


def test_carried_records_by_hand():
    """One lead became an MQL in June and was won in August for 20,000; one came in July and is open; one came and was won in July."""
    early = {"lead_id": "A", "lead_source": "Webinar", "mql_at": "2026-06-20", "sql_at": "2026-07-02", "won_at": "2026-08-01", "amount": 20_000}  # fmt: skip
    open_ = {"lead_id": "B", "lead_source": "Webinar", "mql_at": "2026-07-10", "sql_at": "2026-07-12"}
    own = {"lead_id": "C", "lead_source": "Webinar", "mql_at": "2026-07-02", "sql_at": "2026-07-03", "won_at": "2026-07-09", "amount": 30_000}  # fmt: skip
    data = records(early, open_, own)
    result = review(data, agreed(), Q3)
    came = carried_records(data, agreed(), result, "marketing", "carried_in")
    assert came.records["lead_id"].tolist() == ["A"]
    assert came.records["counted"].tolist() == [20_000]
    assert carried_sentence(result, "marketing", "carried_in", came) == (
        "Marketing-sourced: 0 MQLs, 1 SQL and 1 win counted in Q3 2026 began in an earlier quarter, together USD 20,000."
    )
    left = carried_records(data, agreed(), result, "marketing", "carried_out", "sqls")
    assert left.records["lead_id"].tolist() == ["B"]
    assert carried_sentence(result, "marketing", "carried_out", left) == (
        "1 marketing-sourced record that began in Q3 2026 was open at its end: 1 SQL."
    )
    nothing = carried_records(data, agreed(), result, "marketing", "carried_out", "mqls")
    assert len(nothing.records) == 0


def test_nothing_is_carried_on_cohort_basis():
    data, agreement = sample()
    result = review(data, agreement, basis="cohort")
    with pytest.raises(DataError, match="basis period"):
        carried_records(data, agreement, result, "marketing", "carried_in")
