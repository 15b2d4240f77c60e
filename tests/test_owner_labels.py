"""What people are called."""

import pytest

from alignment_core.bar_records import bar_records
from alignment_core.errors import DataError
from alignment_core.follow_up_review import follow_up_review
from alignment_core.owner_labels import owner_labels
from alignment_core.review import review
from alignment_core.store.canonical import canonical, content_hash
from tests.support import agreed, sample

OWNERS = ["Ann Lee", "Bo Ray", "Al Lind", "005Nw01", "(not recorded)", "Bo Ray"]


@pytest.mark.parametrize(
    ("show", "labels"),
    [
        ("name", ["Ann Lee", "Bo Ray", "Al Lind", "005Nw01", "no owner"]),
        ("number", ["Rep 3", "Rep 4", "Rep 2", "Rep 1", "no owner"]),
        ("hidden", ["Rep 3", "Rep 4", "Rep 2", "Rep 1", "no owner"]),
        ("initials", ["AL (3)", "BR", "AL (2)", "Rep 1", "no owner"]),
    ],
)
def test_each_owner_is_called_as_agreed(show, labels):
    found = owner_labels(OWNERS, show)
    assert [found[owner] for owner in OWNERS[:5]] == labels


def test_what_is_signed_already_keeps_its_hash_and_a_choice_is_written():
    promise = {"first_touch": "1 hour"}
    before, default = agreed(follow_up=promise), agreed(follow_up=promise | {"show_owners": "number"})
    assert content_hash(before) == content_hash(default)
    assert "show_owners" not in canonical(before)
    named = agreed(follow_up=promise | {"show_owners": "initials"})
    assert content_hash(named) != content_hash(before)
    assert type(named).from_text(named.to_toml()).follow_up.show_owners == "initials"


def test_a_breakdown_by_owner_calls_people_as_agreed_everywhere():
    """In the bars, in the records, and by the same name on the page Follow-up."""
    data, agreement = sample()
    result = review(data, agreement, by="owner", judged=False)
    named = {bar.segment for bar in result.segment_bars}
    assert named
    assert all(name.startswith("Rep ") or name == "(not recorded)" for name in named)
    assert not data.owners & set(map(str, named))
    whole = review(data, agreement, judged=False)
    for bar in result.segment_bars:
        if (bar.source, bar.driver) == ("marketing", "mql_volume"):
            found = bar_records(data, agreement, result, bar)
            assert all(tie.holds for tie in found.ties)
            assert set(found.records["owner"]) <= {bar.segment, "no owner"}
    by_lead = bar_records(data, agreement, whole, whole.bars[0]).records.set_index("lead_id")["owner"]
    listed = follow_up_review(data, agreement, agreement.fiscal_quarter).missed.set_index("lead_id")["owner"]
    assert (by_lead[listed.index] == listed).all()


def test_owners_that_are_not_shown_cannot_be_broken_down_by():
    data, agreement = sample()
    promise = agreement.follow_up.model_copy(update={"show_owners": "hidden"})
    with pytest.raises(DataError, match="Owners are not shown: that is what was agreed"):
        review(data, agreement.model_copy(update={"follow_up": promise}), by="owner")
