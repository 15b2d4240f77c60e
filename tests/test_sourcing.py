"""Whose demand a lead source or a touch is: the built-in lists, and what an agreement says instead."""

import pytest
from pydantic import ValidationError

from alignment_core.sourcing import (
    MARKETING_DEFAULT,
    MARKETING_TOUCHES,
    SALES_DEFAULT,
    SALES_TOUCHES,
    Sourcing,
    TouchKinds,
    normalise,
    normalised,
)


@pytest.mark.parametrize("text", ["Web site", "web-site", " WEBSITE ", "Web_Site", "Web.site!"])
def test_spelling_does_not_count(text):
    assert normalise(text) == "website"


def test_what_is_nothing_when_compared_is_no_value():
    assert normalised(["…", " ", "Webinar", "webinar"]) == {"webinar"}


@pytest.mark.parametrize(
    ("marketing", "sales"), [(MARKETING_DEFAULT, SALES_DEFAULT), (MARKETING_TOUCHES, SALES_TOUCHES)]
)
def test_no_built_in_value_is_both_sides(marketing, sales):
    assert not normalised(marketing) & normalised(sales)


@pytest.mark.parametrize("model", [Sourcing, TouchKinds])
def test_what_one_side_lists_the_others_built_in_list_gives_up(model):
    taken = "call" if model is TouchKinds else "SDR-Outbound"
    found = model.model_validate({"marketing": [taken]})
    assert found.marketing == (taken,)
    assert normalise(taken) not in normalised(found.sales)
    assert len(found.sales) == len(model().sales) - 1


@pytest.mark.parametrize("model", [Sourcing, TouchKinds])
def test_a_value_on_both_lists_is_refused_however_it_is_spelled(model):
    with pytest.raises(ValidationError, match="'Partner' counts as marketing and as sales; keep it in one list"):
        model.model_validate({"marketing": ["Partner"], "sales": ["partner"]})


def test_by_default_what_is_on_no_list_is_nobodys():
    found = Sourcing()
    assert (found.rule, found.otherwise, found.contested) == ("lead_source", "unassigned", "rule")
    assert "partner" not in normalised(found.marketing) | normalised(found.sales)
