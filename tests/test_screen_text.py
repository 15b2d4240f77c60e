"""Data that reaches the screen stays data."""

import pytest

from ui.text import plain


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("![x](http://evil)", r"\!\[x\](http\://evil)"),
        ("<img src=x>", r"\<img src=x\>"),
        ("$x^2$ :red[boo]", r"\$x^2\$ \:red\[boo\]"),
        ("# big", r"\# big"),
        ("- item", r"\- item"),
        ("1. first", r"1\. first"),
        ("two\nlines", "two lines"),
        ("USD 1.45M, −215k (39%)", "USD 1.45M, −215k (39%)"),
    ],
)
def test_data_is_shown_literally(data, shown):
    assert plain(data) == shown
