"""Marketing held to its promise in value: what came is worth, in words, in the workbook, as JSON, and after a review was closed."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.agreement import Agreement
from alignment_core.export.as_json import review_as_json
from alignment_core.quarters import Quarter
from alignment_core.results import Review
from alignment_core.review import review
from alignment_core.value_kept import value_kept
from alignment_core.value_words import value_table, value_words
from tests.support import agreed, records, sample, summary

#: Demos count three times what e-books do: 830,250 is 82 demos, or 246 e-books.
VALUE = {"field": "lead_type", "otherwise": 5062.5, "per_mql": {"demo": 10_125, "ebook": 3_375}}


def promised(**changes: Any) -> Agreement:
    return agreed(value=VALUE | changes)


def came(agreement: Agreement = promised(), quarter: str = "2026-Q3", **kinds: float) -> Review:
    """A quarter in which so many MQLs of each kind came; sales' side is there too."""
    rows = [
        {"quarter": quarter, "source": "marketing", "lead_type": kind, "mqls": mqls, "sqls": 1, "opportunities": 1, "wins": 1, "revenue": 30_000}
        for kind, mqls in kinds.items()
    ]  # fmt: skip
    sales = {"quarter": quarter, "source": "sales", "sqls": 123, "opportunities": 61, "wins": 28, "revenue": 840_000}
    return review(summary(*rows, sales), agreement)


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        # 50 · 10,125 + 122 · 3,375 = 918,000
        ({"demo": 50, "ebook": 122}, "Marketing delivered 172 MQLs worth USD 918k at the agreed values, against 164 MQLs and 830k promised: the promise is kept, in number and in value."),
        # 82 · 10,125 = 830,250, to the cent
        ({"demo": 82}, "Marketing delivered 82 MQLs worth USD 830k at the agreed values, against 164 MQLs and 830k promised: short in number, by 82 MQLs, but kept in value."),
        ({"ebook": 246}, "Marketing delivered 246 MQLs worth USD 830k at the agreed values, against 164 MQLs and 830k promised: the promise is kept, in number and in value."),
        # 171 · 3,375 = 577,125, 253,125 less
        ({"ebook": 171}, "Marketing delivered 171 MQLs worth USD 577k at the agreed values, against 164 MQLs and 830k promised: kept in number, but short in value, by 253k."),
        # 40 · 10,125 + 10 · 3,375 = 438,750
        ({"demo": 40, "ebook": 10}, "Marketing delivered 50 MQLs worth USD 439k at the agreed values, against 164 MQLs and 830k promised: short in number, by 114 MQLs, and in value, by 392k."),
    ],
)  # fmt: skip
def test_what_came_is_held_against_the_promise_in_number_and_in_value(kinds: dict[str, int], said: str) -> None:
    assert value_words(came(**kinds)) == (said,)


def test_a_kind_that_was_not_agreed_counts_as_any_other_and_is_named() -> None:
    found = came(demo=60, fax=50, letter=1)
    assert found.value.worth == 60 * 10_125 + 51 * 5062.5
    assert (
        value_words(found)[1]
        == "51 MQLs of them are of no kind that was agreed (fax, letter) and count for 5,062.50 each, as any other."
    )
    assert value_table(found).to_dict("list") == {
        "Lead type": ["demo", "fax", "letter"],
        "MQLs": [60, 50, 1],
        "Counts for, USD": [10_125, 5062.5, 5062.5],
        "Worth, USD": [607_500, 253_125, 5062.5],
        "As": ["agreed", "any other", "any other"],
    }


def test_without_a_promise_in_value_nothing_is_said_and_the_json_is_the_contracts() -> None:
    found = came(agreed(), demo=100)
    assert (found.value, value_words(found)) == (None, ())
    assert "value" not in review_as_json(found)
    nothing_owed = agreed(split={"marketing": 0, "sales": 1}, value=VALUE)
    assert came(nothing_owed, demo=100).value is None


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([{"source": "marketing", "mqls": 164, "wins": 20, "revenue": 1}], "the files do not have the lead type of marketing's MQLs"),
        ([{"source": "marketing", "mqls": 164, "wins": 20, "revenue": 1}, {"source": "sales", "lead_type": "demo", "sqls": 3}], "the files do not have the lead type of marketing's MQLs"),
        ([{"source": "marketing", "lead_type": "demo", "sqls": 164, "wins": 20, "revenue": 1}], "the files do not count MQLs"),
        ([{"source": "sales", "lead_type": "demo", "mqls": 3, "sqls": 3, "wins": 20, "revenue": 1}], "the files say nothing of marketing in Q3 2026"),
    ],
    ids=["no such field", "not of MQLs", "no MQLs", "nothing of marketing"],
)  # fmt: skip
def test_what_the_files_cannot_tell_is_said(rows: list[dict[str, Any]], why: str) -> None:
    found = review(summary(*({"quarter": "2026-Q3"} | row for row in rows)), promised())
    assert value_words(found) == (f"Whether the promise in value is kept cannot be told: {why}.",)
    said = review_as_json(found)["value"]
    assert (said["promised"], said["worth"], said["kept_in_value"], said["kinds"]) == (830_250, None, None, [])


def leads(*kinds: str) -> list[dict[str, Any]]:
    """MQLs of the first weeks of the quarter, and a record that ends the files on 14 August."""
    first = [
        {"lead_id": str(place), "lead_source": "Webinar", "lead_type": kind, "mql_at": "2026-07-02"}
        for place, kind in enumerate(kinds)
    ]
    end = {"lead_id": "end", "lead_source": "Cold call", "lead_type": None, "won_at": "2026-08-14", "amount": 30_000}
    return [*first, end]


@pytest.mark.parametrize(
    ("kinds", "verdict"),
    [
        (["demo"] * 40, "so far 124 MQLs or 425k are still owed."),
        (["demo"] * 90, "already kept in value, while 74 MQLs are still owed in number."),
        (["ebook"] * 171, "already kept in number, 253k are still owed in value."),
        (["demo"] * 164, "already kept in number, and in value."),
    ],
)
def test_a_quarter_that_is_not_over_is_short_of_nothing_yet(kinds: list[str], verdict: str) -> None:
    (said,) = value_words(review(records(*leads(*kinds)), promised()))
    assert said.startswith(f"By 14 August 2026 marketing delivered {len(kinds)} MQLs worth USD ")
    assert said.endswith(verdict)


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.sampled_from(["demo", "ebook", "fax"]), st.integers(1, 500), min_size=1))
def test_the_worth_is_the_sum_of_what_each_mql_counts_for(kinds: dict[str, int]) -> None:
    rows = [
        {"quarter": "2026-Q3", "source": "marketing", "lead_type": kind, "mqls": mqls, "wins": 0}
        for kind, mqls in kinds.items()
    ]
    found = value_kept(summary(*rows), promised(), Quarter(2026, 3))
    each = [VALUE["per_mql"].get(kind, 5062.5) for kind, mqls in kinds.items() for _ in range(mqls)]
    assert found.worth == pytest.approx(sum(each), rel=1e-12)
    assert found.mqls == sum(kinds.values())
    assert (found.short_value == 0) == (sum(each) >= 830_250)


def test_as_json_it_has_the_numbers_and_the_words() -> None:
    found = json.loads(json.dumps(review_as_json(came(demo=50, ebook=122)), allow_nan=False))["value"]
    assert found == {
        "field": "lead_type",
        "promised_mqls": 164,
        "promised": 830_250,
        "mqls": 172,
        "worth": 918_000,
        "kept_in_number": True,
        "kept_in_value": True,
        "kinds": [
            {"kind": "demo", "mqls": 50, "per_mql": 10_125, "worth": 506_250, "listed": True},
            {"kind": "ebook", "mqls": 122, "per_mql": 3_375, "worth": 411_750, "listed": True},
        ],
        "said": value_words(came(demo=50, ebook=122))[0],
    }


@pytest.mark.parametrize("basis", ["period", "cohort"])
def test_of_records_it_is_the_same_however_they_are_counted(basis: Any) -> None:
    """The sample company: its MQLs by lead type, each at its value, whatever happened to them after."""
    data, agreement = sample()
    funnel = data.funnel(agreement, basis, "lead_type")
    kinds = {kind: each.mqls for kind, each in funnel.counts(agreement.fiscal_quarter, "marketing").items()}
    amounts = {kind: 100.0 * (place + 1) for place, kind in enumerate(kinds)}
    value = {"field": "lead_type", "otherwise": 1, "per_mql": amounts}
    found = review(data, Agreement.checked(agreement.model_dump() | {"value": value}), basis=basis)
    assert found.value.worth == sum(mqls * amounts[kind] for kind, mqls in kinds.items())
    assert found.value.mqls == found.actual["marketing"].mqls
