"""What is open and what was carried, as it is said and as the waterfall shows it."""

from dataclasses import replace

import pytest

from alignment_core.charts import Palette, describe, waterfall, waterfall_rows
from alignment_core.quarters import Quarter
from alignment_core.results import Carried, Counts, NotDecided
from alignment_core.timing_words import carried_words, horizon_words, not_decided_words
from tests.support import agreed, reviewed

Q3 = Quarter(2026, 3)
ACTUAL = {"marketing": Counts(196, 76, 40, 9, 300_000), "sales": Counts(None, 120, 60, 20, 600_000)}
NAN = float("nan")


def result(marketing, *, basis="cohort"):
    found = reviewed(dict(agreed().required), ACTUAL, basis=basis)
    return replace(found, not_decided={"marketing": marketing})


OPEN = NotDecided(
    {"mqls": 18, "sqls": 1, "opportunities": 22},
    Counts(0, 4.2, 0.3, 1.1, 40_400),
    Counts(0, 1, 0, 0, 0),
    Counts(0, 8, 1, 4, 110_000),
    {"mqls": 30, "sqls": 27, "opportunities": 56},
)


@pytest.mark.parametrize(
    ("decided", "sentence"),
    [
        (
            OPEN,
            "Marketing-sourced: 18 of the quarter's 196 MQLs are still open, and so are 1 SQL and 22 opportunities; earlier "
            "quarters say that 4 more SQLs (1 to 8), at most 1 more opportunity and 1 more win (0 to 4) will still come, worth about USD 40k (0 to 110k).",
        ),
        (
            NotDecided({"mqls": 1, "sqls": 0, "opportunities": 1}, Counts(0, 0.04, 0.02, 0.4, 90), Counts(0, 0, 0, 0, 0), Counts(0, 0, 0, 2, 60_000)),
            "Marketing-sourced: 1 of the quarter's 196 MQLs is still open, and so is 1 opportunity; earlier quarters say that "
            "hardly any more SQLs, hardly any more opportunities and at most 2 more wins will still come, worth about USD 90 (0 to 60k).",
        ),
        (
            NotDecided({"mqls": 0, "sqls": 0, "opportunities": 1}, Counts(0, 0, 0, 0, 0), Counts(0, 0, 0, 0, 0), Counts(0, 0, 0, 0, 0)),
            "Marketing-sourced: 1 opportunity is still open; in earlier quarters those that had waited as long brought nothing further.",
        ),
        (
            NotDecided({"mqls": 3, "sqls": 0, "opportunities": 0}, Counts(0, None, None, None, NAN), Counts(0, None, None, None, NAN), Counts(0, None, None, None, NAN)),
            "Marketing-sourced: 3 of the quarter's 196 MQLs are still open; earlier quarters say too little of what they will bring.",
        ),
        (
            NotDecided({"mqls": 0, "sqls": 0, "opportunities": 0}, Counts(0, 0, 0, 0, 0), Counts(0, 0, 0, 0, 0), Counts(0, 0, 0, 0, 0)),
            "Marketing-sourced: nothing that began in Q3 2026 is open; what is counted is final.",
        ),
    ],
)  # fmt: skip
def test_what_is_open_is_a_sentence(decided, sentence):
    assert not_decided_words(result(decided)) == (sentence,)


def test_what_is_one_is_said_as_one_and_stages_are_no_names_inside_a_sentence():
    few = Counts(1, 1, 13, 1, 60_000)
    none, unknown = Counts(0, 0, 0, 0, 0), Counts(0, None, None, None, NAN)

    def said(opened, further):
        found = replace(result(NotDecided(opened, further, further, further)), actual={"marketing": few})
        return not_decided_words(found)[0].removeprefix("Marketing-sourced: ")

    assert said({"opportunities": 1}, none).startswith("1 of the quarter's 13 opportunities is still open; ")
    assert said({"mqls": 1, "sqls": 0, "opportunities": 2}, unknown) == (
        "the quarter's one MQL is still open, and so are 2 opportunities; earlier quarters say too little of what they will bring."
    )
    assert said({"mqls": 1, "sqls": 0, "opportunities": 0}, unknown) == (
        "the quarter's one MQL is still open; earlier quarters say too little of what it will bring."
    )


def test_how_far_the_history_reaches_is_said():
    assert horizon_words(result(OPEN)) == (
        "The ranges hold the outcome in nine of ten cases, if the open records go on as earlier quarters' did.",
        "Marketing-sourced, in earlier quarters: no MQL became an SQL after more than 30 days, no SQL became an opportunity "
        "after more than 27 days and no opportunity was won after more than 56 days.",
    )
    assert horizon_words(result(replace(OPEN, longest={"sqls": 1})))[1] == (
        "Marketing-sourced, in earlier quarters: no SQL became an opportunity after more than 1 day."
    )
    assert horizon_words(result(replace(OPEN, longest={}))) == ()
    assert not_decided_words(reviewed(dict(agreed().required), ACTUAL)) == ()


def test_what_was_carried_is_a_sentence():
    found = reviewed(dict(agreed().required), ACTUAL)
    into = Carried(Counts(0, 6, 0, 3, 93_000), {"mqls": 33, "sqls": 1, "opportunities": 0})
    none = Carried(Counts(None, 0, 0, 0, 0.0), {"sqls": 0, "opportunities": 0})
    assert carried_words(replace(found, carried={"marketing": into, "sales": none})) == (
        "Marketing-sourced: 6 of 76 SQLs and 3 of 9 wins counted in Q3 2026 began in an earlier quarter, USD 93k of 300k; "
        "33 MQLs and 1 SQL of its own were open at its end.",
        "Sales-sourced: nothing counted in Q3 2026 began in an earlier quarter; nothing of its own was open at its end.",
    )


def test_one_that_was_carried_is_said_as_one():
    few = {"marketing": Counts(20, 12, 6, 1, 60_000)}
    found = reviewed(dict(agreed().required), few | {"sales": Counts(None, 4, 2, 1, 30_000)})
    into = Carried(Counts(0, 1, 0, 1, 60_000), {"mqls": 0, "sqls": 0, "opportunities": 1})
    sales = Carried(Counts(None, 0, 0, 1, 30_000), {"sqls": 1, "opportunities": 1})
    assert carried_words(replace(found, carried={"marketing": into, "sales": sales})) == (
        "Marketing-sourced: 1 of 12 SQLs and the one win counted in Q3 2026 began in an earlier quarter, USD 60k of 60k; "
        "1 opportunity of its own was open at its end.",
        "Sales-sourced: the one win counted in Q3 2026 began in an earlier quarter, USD 30k of 30k; "
        "1 SQL and 1 opportunity of its own were open at its end.",
    )


def rows_of(found):
    plan, actual = ({source: counts.revenue for source, counts in side.items()} for side in (found.plan, found.actual))
    return waterfall_rows(found.bars, plan, actual, not_decided=found.not_decided)


def test_the_waterfall_goes_on_from_what_is_counted_to_what_is_expected():
    found = result(OPEN)
    rows = rows_of(found)
    counted, still, end = rows[-3:]
    assert [row.label for row in (counted, still, end)] == ["Actual so far", "Not decided yet", "Expected"]
    assert (counted.text, still.text, still.change, end.text) == ("900k", "+40k", "41 open", "940k")
    assert still.from_ == pytest.approx(counted.to)
    assert still.to == pytest.approx(end.to)
    assert all(0 <= at <= 1 for row in rows for at in (row.from_, row.to, row.variance_to))
    assert not still.key  # it opens no bar
    words = describe(found.bars, found.plan_revenue, found.actual_revenue, "USD", not_decided=found.not_decided)
    assert words.endswith("actual so far 900,000; not decided yet +40,400; expected 940,400.")
    headings = str(waterfall(rows, Palette(), currency="USD"))
    assert "from plan to expected, USD" in headings


@pytest.mark.parametrize("revenue", [0.0, NAN])
def test_what_brings_nothing_or_nobody_knows_what_has_no_bar(revenue):
    found = result(replace(OPEN, further=replace(OPEN.further, revenue=revenue)))
    assert rows_of(found)[-1].label == "Actual"
    assert [row.label for row in rows_of(found)] == [row.label for row in rows_of(replace(found, not_decided={}))]
