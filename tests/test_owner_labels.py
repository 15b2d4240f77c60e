"""What people are called."""

import pytest

from alignment_core.owner_labels import owner_labels
from alignment_core.store.canonical import canonical, content_hash
from tests.support import agreed

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
