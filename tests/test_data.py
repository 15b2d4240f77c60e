"""Answers are worked out once, and only so many are kept."""

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


def test_what_was_not_asked_for_longest_goes_first():
    data = Data({})
    for number in range(_MOST_KEPT + 20):
        data.kept(number, lambda number=number: number)
        data.kept("often", lambda: -1)
    assert len(data._kept) == _MOST_KEPT
    assert data.kept("often", lambda: 0) == -1
    assert data.kept(0, lambda: "again") == "again"
    assert data.kept(_MOST_KEPT + 19, lambda: "again") == _MOST_KEPT + 19
