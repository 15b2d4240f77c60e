"""Whatever files there are, every question about a review has an answer or a sentence that says why not."""

from contextlib import suppress
from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from alignment_core.bar_records import bar_records
from alignment_core.data import Data
from alignment_core.errors import DataError
from alignment_core.finding_sentences import finding_sentences
from alignment_core.quarters import Quarter
from alignment_core.record_words import records_sentence
from alignment_core.review import review
from alignment_core.robustness import robustness
from alignment_core.robustness_words import robustness_headline
from alignment_core.segment_words import segments_headline
from alignment_core.segments import by_fields, segments_that_matter
from alignment_core.why import why
from alignment_core.why_words import why_headline
from tests.support import agreed, records, summary
from tests.test_bar_records import EVENTS, leads

Q3 = Quarter(2026, 3)
DEALS = pa.table(
    {
        "deal_id": ["D1", "D2", "D3"],
        "created_at": pa.array([datetime(2026, 5, 1), datetime(2026, 7, 2), datetime(2026, 7, 3)], pa.timestamp("us")),
        "closed_at": pa.array([datetime(2026, 7, 9), datetime(2026, 8, 2), None], pa.timestamp("us")),
        "is_won": [True, False, False],
        "is_closed": [True, True, False],
        "lead_source": ["Webinar", "Webinar", None],
        "amount": pa.array([Decimal(5), Decimal(7), None], pa.decimal128(18, 4)),
    }
)
WON = {"lead_source": "Webinar", "won_at": "2026-07-20", "region": "EMEA"}
COUNTS = {
    "quarter": "2026-Q3",
    "source": "marketing",
    "mqls": 150.0,
    "sqls": 90.0,
    "opportunities": 50.0,
    "wins": 20.0,
    "revenue": 6,
}
ODD = {
    "wins alone": lambda: records(WON, WON | {"won_at": "2026-04-20"}),
    "one win": lambda: records(WON),
    "leads without ids": lambda: leads(ids=False),
    "leads without amounts": lambda: leads(amounts=False),
    "deals alone": lambda: Data({"deals": DEALS}),
    "deals without ids": lambda: Data({"deals": DEALS.drop_columns(["deal_id"])}),
    "files of one stage": lambda: Data({"stage_events": EVENTS}),
    "a summary": lambda: summary(COUNTS),
    "MQLs that went nowhere": lambda: records(*[WON | {"won_at": None, "mql_at": "2026-07-02"}] * 3, WON | {"mql_at": "2026-04-01", "won_at": "2026-04-20"}),
}  # fmt: skip


@pytest.mark.parametrize("basis", ["period", "cohort"])
@pytest.mark.parametrize("by", [None, "region"])
@pytest.mark.parametrize("kind", list(ODD))
def test_every_question_has_an_answer_or_a_reason(kind, basis, by):
    data, agreement = ODD[kind](), agreed(sourcing={"otherwise": "marketing"})
    field = by if by in data.segment_fields else None
    result = answered(lambda: review(data, agreement, Q3, basis=basis, by=field))
    if result is None:
        assert basis == "cohort"
        assert kind in ("files of one stage", "a summary")
        return
    assert finding_sentences(result)
    opened = why(data, agreement, result)
    for each in opened:
        assert why_headline(result, each)
        if each.parts:
            assert sum(part.effect for part in each.parts) == pytest.approx(each.bar.effect, abs=0.005)
        if not each.bar.undefined:
            found = segments_that_matter(data, agreement, result, each.bar)
            assert segments_headline(each.bar, found)
            for field in data.segment_fields[:2]:
                answered(lambda field=field, bar=each.bar: by_fields(data, agreement, result, bar, [field]))
    for bar in (*result.bars, *result.segment_bars):
        listed = answered(lambda bar=bar: bar_records(data, agreement, result, bar))
        assert listed is not None or kind == "a summary"
        if listed is not None:
            assert all(tie.holds for tie in listed.ties), (bar, listed.ties)
            assert records_sentence(result, bar, listed)
    assert robustness_headline(robustness(data, agreement, result))


def answered(question):
    """The answer, or None where there is a reason in words why there is none."""
    with suppress(DataError):
        return question()
    with pytest.raises(DataError, match=r"\.$"):
        question()
    return None
