"""The section What is an MQL, without a browser: rules are built, proposed, compared and adopted."""

import pytest
from streamlit.testing.v1 import AppTest


def script():
    import streamlit as st

    from ui.agree.definition import definition_section
    from ui.session import sample

    here = sample()
    st.session_state.setdefault("mql", here.agreement.mql)
    st.session_state["mql"] = definition_section(st.session_state["mql"], here.agreement, here.data)


@pytest.fixture
def section():
    test = AppTest.from_function(script, default_timeout=90)
    test.run()
    assert not test.exception
    return test


def said(section):
    elements = (*section.markdown, *section.caption, *section.warning, *section.info)
    return " ".join(element.value for element in elements).replace("\\", "")


def returned(section):
    return section.session_state["mql"]


def labelled(elements, label):
    return [element for element in elements if element.label == label]


def table(section):
    frame = section.dataframe[0].value
    return {row["Definition"]: row for row in frame.to_dict("records")}


def pick_proposal(section, name):
    section.segmented_control(key="agree.definition.edited").set_value(name).run()


def test_the_answer_comes_first(section):
    """208 of the sample's leads met its definition in 2026-Q2, which its CSV says as well."""
    text = said(section)
    assert "An MQL (marketing-qualified lead) is: **companies with at least 100 employees" in text
    assert "208 leads in Q2 2026 met this; 55% became SQLs so far (8 still open)." in text
    assert list(table(section)) == ["Flagged in the CRM", "Agreed"]
    assert table(section)["Flagged in the CRM"]["MQL → SQL"] == "57%"
    assert returned(section).fields == ("employees", "lead_type")


def test_a_proposal_is_edited_compared_and_adopted(section):
    pick_proposal(section, "Sales' proposal")
    labelled(section.number_input, "Number")[0].set_value(500.0).run()
    assert "Sales' proposal: **companies with at least 500 employees" in said(section)
    assert list(table(section)) == ["Flagged in the CRM", "Agreed", "Sales' proposal"]
    assert returned(section).fit.all[0].at_least == 100, "a proposal is not the definition yet"

    pick_proposal(section, "Mediated")
    assert labelled(section.number_input, "Number")[0].value == 100, "each proposal keeps its own rules"
    assert list(table(section)) == ["Flagged in the CRM", "Agreed", "Sales' proposal"]
    pick_proposal(section, "Sales' proposal")
    assert labelled(section.number_input, "Number")[0].value == 500

    labelled(section.button, "Adopt as the definition")[0].click().run()
    assert returned(section).fit.all[0].at_least == 500
    assert "is: **companies with at least 500 employees" in said(section)
    assert labelled(section.button, "Adopt as the definition")[0].disabled


def test_rules_are_added_changed_and_removed(section):
    labelled(section.button, "Add a rule")[0].click().run()
    assert "until then the rule is left out" in said(section)
    assert labelled(section.button, "Adopt as the definition")[0].disabled
    field = labelled(section.selectbox, "Field")[1]
    assert field.value == "country"
    field.set_value("job_title").run()
    values = labelled(section.multiselect, "Values")[0]
    assert any(option.startswith("Working student (") for option in values.options)
    values.set_value(["CFO"]).run()
    assert "Mediated: **companies with at least 100 employees, whose job title is CFO" in said(section)
    assert "from perfect-fit companies" in said(section)
    labelled(section.segmented_control, "A lead must meet, in fit")[0].set_value("any").run()
    assert "companies that have at least 100 employees or whose job title is CFO" in said(section)
    labelled(section.button, "Remove")[0].click().run()
    assert "Mediated: **companies whose job title is CFO" in said(section)
    while remove := labelled(section.button, "Remove"):
        remove[0].click().run()
    assert "Mediated: **whatever the CRM flagged as an MQL" in said(section)
    labelled(section.button, "Adopt as the definition")[0].click().run()
    assert returned(section) is None


def test_groups_stand_in_groups(section):
    labelled(section.button, "Add a group")[0].click().run()
    labelled(section.button, "Add a rule")[0].click().run()
    labelled(section.multiselect, "Values")[0].set_value(["Canada"]).run()
    made = "companies with at least 100 employees in Canada, that"
    assert f"Mediated: **{made}" in said(section)
    labelled(section.button, "Adopt as the definition")[0].click().run()
    assert [type(term).__name__ for term in returned(section).fit.terms] == ["Rule", "Group"]
    labelled(section.button, "Remove the group")[0].click().run()
    assert "in Canada, that" not in said(section).split("Mediated:")[1]


def test_a_comparison_keeps_what_still_makes_sense(section):
    labelled(section.selectbox, "Comparison")[0].set_value("at_most").run()
    assert "with at most 100 employees" in said(section)
    labelled(section.selectbox, "Comparison")[0].set_value("between").run()
    labelled(section.number_input, "At most")[0].set_value(50.0).run()
    assert "100 is more than 50; write the lower number first" in said(section)
    labelled(section.number_input, "At least")[0].set_value(20.0).run()
    assert "with 20–50 employees" in said(section)


def test_the_frontier_is_drawn_where_it_is_asked_for(section):
    assert not section.get("vega_lite_chart")
    section.toggle(key="agree.definition.costs").set_value(True).run()
    assert not section.exception
    assert len(section.get("vega_lite_chart")) == 1
    assert "nothing brings more MQLs at a better rate" in said(section)


def test_where_the_crm_differs_is_counted_and_listed(section):
    assert "leads are MQLs by both" in said(section)
    section.selectbox(key="agree.definition.quarter").set_value("2026-Q2").run()
    assert "In Q2 2026 **" in said(section)
    listed = section.dataframe[-1].value
    assert set(listed["Differs"]) == {"flagged only", "meets only"}


def test_going_back_to_what_was_agreed_takes_the_place_of_what_was_adopted(section):
    """Also right after it was adopted; the proposals stay."""
    agreed = returned(section)
    pick_proposal(section, "Sales' proposal")
    labelled(section.number_input, "Number")[0].set_value(500.0).run()
    labelled(section.button, "Adopt as the definition")[0].click().run()
    assert returned(section) != agreed
    section.session_state["mql"] = agreed
    section.run()
    assert returned(section) == agreed
    assert "is: **companies with at least 100 employees" in said(section)
    assert list(table(section)) == ["Flagged in the CRM", "Agreed", "Sales' proposal"]


def test_another_definition_from_outside_is_begun_with_anew(section):
    from alignment_core.definition import MqlDefinition

    pick_proposal(section, "Sales' proposal")
    labelled(section.number_input, "Number")[0].set_value(500.0).run()
    given = section.session_state["mql"] = MqlDefinition.from_text('fit = { field = "region", is = "EMEA" }')
    section.run()
    assert "is: **companies in EMEA**" in said(section)
    assert list(table(section)) == ["Flagged in the CRM", "Agreed", "Sales' proposal"]
    pick_proposal(section, "Mediated")
    assert "Mediated: **companies in EMEA**" in said(section)
    assert returned(section) == given


def test_without_leads_rules_can_be_written_and_why_nothing_is_replayed_is_said():
    def without():
        import pyarrow as pa
        import streamlit as st

        from alignment_core.data import Data
        from alignment_core.definition import MqlDefinition
        from ui.agree.definition import definition_section
        from ui.session import sample

        columns = {"quarter": ["2026-Q3"], "source": ["marketing"], "wins": [1.0]}
        definition = MqlDefinition.from_text('fit = { field = "sea_level", at_least = 3 }')
        st.session_state["mql"] = definition_section(
            definition, sample().agreement, Data({"funnel": pa.table(columns)})
        )

    section = AppTest.from_function(without, default_timeout=60).run()
    assert not section.exception
    assert "No file of leads" in said(section)
    assert returned(section).fields == ("sea_level",)
    assert labelled(section.selectbox, "Field")[0].options[-1] == "Sea level (not loaded)"
