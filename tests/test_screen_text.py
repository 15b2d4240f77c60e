"""Data that reaches the screen stays data."""

import pytest

from ui.text import plain


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("![x](http://evil)", "\\!\\[x\\](http\\:\u2060//evil)"),
        ("see https://evil.example", "see https\\:\u2060//evil.example"),
        (
            ":smile: :material/bomb: :streamlit: :+1:",
            "\\:\u2060smile: \\:\u2060material/bomb: \\:\u2060streamlit: \\:\u2060+1:",
        ),
        ("at 12:30, EMEA: 5", "at 12\\:30, EMEA: 5"),
        ("www.evil.example or a@b.example", "www\u2060.evil.example or a\\@\u2060b.example"),
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
