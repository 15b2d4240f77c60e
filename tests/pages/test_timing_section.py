"""The section on open and carried records, drawn by itself."""

from streamlit.testing.v1 import AppTest


def section(basis):
    import streamlit as st

    from alignment_core.review import review
    from alignment_core.timing import timing
    from tests.support import sample
    from ui.review.timing import timing_section

    data, agreement = sample()
    result = review(data, agreement, basis=basis)
    known = timing(data, agreement, result.quarter, as_of=result.as_of) if basis == "cohort" else None
    with st.container():
        timing_section(result, known)


def drawn(basis):
    page = AppTest.from_function(section, args=(basis,), default_timeout=60).run()
    assert not page.exception
    return page


def test_what_is_open_is_said_and_stands_in_a_table_that_adds_up():
    page = drawn("cohort")
    assert page.subheader[0].value == "What is not decided yet"
    assert "18 of the quarter's 196 MQLs are still open" in page.markdown[0].value
    assert "nine of ten" in page.caption[0].value
    table = page.dataframe[0].value.set_index("")
    assert table.loc["Marketing-sourced wins"].tolist() == ["", "9", "9.6", "5", "14", "18.6"]
    for _, row in table.iterrows():
        so_far, more, end = (float(row[name].replace(",", "")) for name in ("Counted so far", "Further", "In the end"))
        assert abs(so_far + more - end) <= 1
    page.selectbox(key="review.timing.step").set_value("Sales-sourced opportunity → win").run()
    assert not page.exception


def test_what_was_carried_is_said_and_adds_up_to_what_is_counted():
    page = drawn("period")
    assert "10 of 18 wins counted in Q3 2026 began in an earlier quarter" in page.markdown[0].value
    table = page.dataframe[0].value.set_index("")
    for _, row in table.iterrows():
        counted, before, own = (float(row.iloc[place].replace(",", "")) for place in range(3))
        assert abs(before + own - counted) <= 1
    assert table.loc["Marketing-sourced MQLs", "Its own, open at its end"] == "33"


def test_a_review_that_knows_nothing_of_it_draws_nothing():
    def empty():
        from tests.support import agreed, reviewed
        from ui.review.timing import timing_section

        required = dict(agreed().required)
        timing_section(reviewed(required, required))

    page = AppTest.from_function(empty, default_timeout=60).run()
    assert not page.exception
    assert not page.subheader
    assert not page.markdown
