"""The promise in value on the page Agree: switched on with what ran, edited, and what is not switched on is not promised."""

from io import BytesIO

import docx
from streamlit.testing.v1 import AppTest

from alignment_core.data import Data
from tests.pages.test_agree import agreed, edit, in_use, opened, owed, part, put, texts
from tests.screens import downloads
from tests.support import records, summary

QUARTERS = ("2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2")
VALUE = {"field": "lead_type", "otherwise": 5062.5, "per_mql": {"demo": 10_125.0, "ebook": 3_375.0}}
WHAT_RAN = {"field": "lead_type", "otherwise": 5062.5, "per_mql": {"demo": 10_125.0, "ebook": 3_375.0}}


def files(**came: int) -> Data:
    """Each quarter 100 demos brought 20 wins and 300 e-books as many, at 30,000: 6,000 and 2,000 each, 3,000 on average.
    As agreed that is 10,125 and 3,375. Faxes brought one win."""
    kinds = {"demo": (100, 20), "ebook": (300, 20), "fax": (10, 1)}
    rows = [
        {"quarter": name, "source": "marketing", "lead_type": kind, "region": "EMEA", "mqls": mqls, "sqls": wins, "opportunities": wins, "wins": wins, "revenue": wins * 30_000}
        for name in QUARTERS
        for kind, (mqls, wins) in kinds.items()
    ]  # fmt: skip
    now = [
        {"quarter": "2026-Q3", "source": "marketing", "lead_type": kind, "region": "EMEA", "mqls": mqls, "sqls": 1, "opportunities": 1, "wins": 1, "revenue": 1}
        for kind, mqls in came.items()
    ]  # fmt: skip
    return summary(*rows, *now)


def page_of(value: dict | None = None, **came: int) -> AppTest:
    return opened(agreed(sourcing={}, mql=None, follow_up=None, **({"value": value} if value else {})), files(**came))


def amounts(page: AppTest) -> dict[str, float | None]:
    (table,) = [each.value for each in page.dataframe if {"kind", "amount"} <= set(each.value.columns)]
    return {row["kind"]: None if row["amount"] != row["amount"] else row["amount"] for row in table.to_dict("records")}


def printed(page: AppTest) -> str:
    with downloads() as found:
        part(page, "Save, sign, print")
    document = docx.Document(BytesIO(next(content for name, content in found if name.endswith(".docx"))))
    return " ".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)


def test_what_is_not_switched_on_is_shown_and_not_promised() -> None:
    page = page_of(demo=40)
    assert "The same promise: 82 × demo or 246 × ebook. What came is worth USD 405k (−425k)." in texts(page)
    assert in_use(page).value is None
    assert page.button(key="agree.use").disabled
    said = printed(page)
    assert "MQLs owed" in said
    assert "worth as much" not in said


def test_without_an_mql_date_nothing_is_valued_and_no_empty_table_stands_there() -> None:
    rows = [{"lead_id": day, "lead_source": "Webinar", "lead_type": "demo", "won_at": f"2026-{day}", "amount": 9}
            for day in ("02-03", "04-03", "07-04")]  # fmt: skip
    untold = "The files have no MQL date, so what came cannot be valued."
    for value in (None, VALUE):
        page = opened(
            agreed(sourcing={}, mql=None, follow_up=None, **({"value": value} if value else {})), records(*rows)
        )
        assert texts(page).count(untold) == 1
        assert "What came is worth" not in texts(page)
        assert not [each for each in page.dataframe if each.value.empty]


def test_switched_on_it_begins_with_what_ran_and_is_promised_with_the_rest() -> None:
    page = put(page_of(demo=40), "value.on", True, "toggle")
    assert amounts(page) == {"demo": 10_125, "ebook": 3_375, "fax": None}
    assert "Not used yet. Changed: Promise in value." in texts(page)
    assert "In the mix that ran, the MQLs owed are worth what is promised." in texts(page)
    page.button(key="agree.use").click().run()
    assert in_use(page).value.model_dump() == WHAT_RAN
    assert "In use: the review runs on this agreement." in texts(page)
    assert "By lead type an MQL counts for, in USD: demo 10,125 (82 alone); ebook 3,375 (246 alone)" in printed(page)


def test_an_amount_is_edited_and_what_it_does_to_the_mix_that_ran_is_said() -> None:
    """164 · (100 · 8,000 + 300 · 3,375 + 10 · 5,062.5) ÷ 410 = 745,250: 85,000 less than 830,250."""
    page = edit(put(page_of(), "value.on", True, "toggle"), "agree.value.amounts", edited_rows={"0": {"amount": 8_000}})
    assert "The same promise: 104 × demo or 246 × ebook." in texts(page)
    assert "the MQLs owed are worth USD 745k at these amounts, 85k less than promised." in texts(page)
    page.button(key="agree.use").click().run()
    assert in_use(page).value.per_mql == {"demo": 8_000, "ebook": 3_375}


def test_amounts_are_taken_from_what_ran_once_more() -> None:
    page = page_of(VALUE | {"otherwise": 1.0, "per_mql": {"demo": 7_000.0, "letter": 5.0}})
    assert amounts(page) == {"demo": 7_000, "letter": 5, "ebook": None, "fax": None}
    page.button(key="agree.value.again").click().run()
    assert amounts(page) == {"demo": 10_125, "ebook": 3_375, "fax": None}
    assert page.number_input(key="agree.value.otherwise").value == 5062.5


def test_switched_off_and_on_again_what_was_agreed_is_back() -> None:
    page = page_of(VALUE | {"per_mql": {"demo": 7_000.123}})
    page = put(page, "value.on", False, "toggle")
    assert "Not used yet. Changed: Promise in value." in texts(page)
    page = put(page, "value.on", True, "toggle")
    assert "In use: the review runs on this agreement." in texts(page)


def test_another_field_has_other_kinds() -> None:
    page = put(put(page_of(), "value.on", True, "toggle"), "value.field", "region", "selectbox")
    assert amounts(page) == {"EMEA": 5062.5}
    page.button(key="agree.use").click().run()
    assert in_use(page).value.model_dump() == {"field": "region", "otherwise": 5062.5, "per_mql": {"EMEA": 5062.5}}


def test_faults_are_said_in_words_and_nothing_is_used() -> None:
    page = put(page_of(), "value.on", True, "toggle")
    said = texts(
        edit(page, "agree.value.amounts", edited_rows={"0": {"amount": None}, "1": {"amount": None}}, added_rows=[{"amount": 3.0}, {"kind": "fax"}])
    )  # fmt: skip
    assert "Promise in value: a row has no name" in said
    assert "Promise in value: fax is there twice" in said
    assert "Promise in value per MQL: has no kinds; say what an MQL of at least one kind counts for" in said


def test_a_promise_whose_field_no_file_has_stays_as_it_was_signed() -> None:
    page = opened(agreed(value=VALUE | {"field": "campaign"}))
    assert amounts(page) == {"demo": 10_125, "ebook": 3_375}
    assert "In use: the review runs on this agreement." in texts(page)
    page = put(page, "marketing.mql_to_sql", 57.0)
    page.button(key="agree.use").click().run()
    assert in_use(page).value.model_dump() == VALUE | {"field": "campaign"}


def test_a_kinds_name_is_text_not_markup() -> None:
    page = page_of(VALUE | {"per_mql": {"![x](http://evil.example/x.png)": 9.0, "demo": 3.0}})
    assert not page.exception
    assert not any("![x](" in each.value for each in [*page.markdown, *page.caption])


def test_a_typed_figure_leaves_the_promise_in_value_as_it_is() -> None:
    """150 MQLs at a deal size of 32,800; the amounts were agreed and stay."""
    page = put(page_of(VALUE), "marketing.gives_way", "deal_size", "selectbox")
    page = put(page, "marketing.owed.mqls", 150.0)
    assert owed(page)["mqls"] == 150
    page.button(key="agree.use").click().run()
    assert in_use(page).value.model_dump() == VALUE
