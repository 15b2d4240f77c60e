"""What a page draws and offers, gathered without a browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import streamlit as st
from streamlit.elements.widgets.button import ButtonMixin
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block


def drawn(page: AppTest) -> list[bytes]:
    """Everything on a page, as it is sent to the browser: texts, tables, labels, charts."""

    def of(block: Block) -> list[bytes]:
        found = [block.proto.SerializeToString()] if getattr(block, "proto", None) is not None else []
        for child in block.children.values():
            found += of(child) if isinstance(child, Block) else [child.proto.SerializeToString()]
        return found

    return of(page._tree)


@contextmanager
def downloads() -> Iterator[list[tuple[str, str | bytes]]]:
    """The name and content of every download that pages offer meanwhile, made as if each were clicked at once."""
    found: list[tuple[str, str | bytes]] = []
    button = ButtonMixin.download_button

    def watched(self, label, data, file_name=None, *arguments, **options):
        found.append((file_name or label, data() if callable(data) else data))
        return button(self, label, data, file_name, *arguments, **options)

    with (
        patch.object(ButtonMixin, "download_button", watched),
        patch.object(st, "download_button", lambda *arguments, **options: watched(st._main, *arguments, **options)),
    ):
        yield found
