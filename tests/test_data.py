"""Answers are worked out once, and only so many are kept."""

import pyarrow as pa

from alignment_core.choices import Choices
from alignment_core.data import _MOST_KEPT, Data
from tests.support import records


def test_an_answer_is_worked_out_once_for_each_choice():
    data, asked = records({"mql_at": "2026-07-01", "won_at": "2026-07-02", "lead_source": "Webinar"}), []
    other = data.with_choices(Choices(several_deals="once"))
    for each in (data, data, other, other):
        each.kept("question", lambda: asked.append(1) or len(asked))
    assert len(asked) == 2
    assert (data.kept("question", lambda: 9), other.kept("question", lambda: 9)) == (1, 2)


def owners(*managers):
    return pa.table({"owner": [str(place) for place, _ in enumerate(managers)], "manager": list(managers)})


def test_managers_are_called_by_the_order_of_their_names_over_all_tables():
    deals = pa.table({"deal_id": ["1", "2"], "manager": pa.array(["Bo Ray", "Zoe Ash"]).dictionary_encode()})
    data = Data({"deals": deals, "owners": owners("Zoe Ash", None, "Al Lind", "")})
    assert data.engine.values("deals", "manager") == {"Manager 2", "Manager 3"}
    assert data.engine.values("owners", "manager") == {"Manager 3", "Manager 1", ""}
    assert deals["manager"].to_pylist() == ["Bo Ray", "Zoe Ash"]


def test_managers_keep_their_numbers_where_owners_are_called_otherwise():
    """Also beyond nine, where 10 comes before 2 by its letters."""
    data = Data({"owners": owners(*(f"{letter}nn Lee" for letter in "ABCDEFGHIJKL"))})
    other = data.with_owners({str(place): f"Rep {place}" for place in range(12)})
    before, after = (each.engine.run(each.engine.table("owners"))["manager"].tolist() for each in (data, other))
    assert before == after == [f"Manager {place}" for place in range(1, 13)]


def test_what_was_not_asked_for_longest_goes_first():
    data = Data({})
    for number in range(_MOST_KEPT + 20):
        data.kept(number, lambda number=number: number)
        data.kept("often", lambda: -1)
    assert len(data._kept) == _MOST_KEPT
    assert data.kept("often", lambda: 0) == -1
    assert data.kept(0, lambda: "again") == "again"
    assert data.kept(_MOST_KEPT + 19, lambda: "again") == _MOST_KEPT + 19
