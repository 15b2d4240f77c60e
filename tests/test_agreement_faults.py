"""What is wrong with an agreement is said as somebody who wrote the file would say it, all of it at once."""

from datetime import date
from typing import Literal

import pytest
from pydantic import Field, ValidationError, model_validator

from alignment_core.agreement_faults import every_fault, faults_in_words
from alignment_core.agreement_parts import AgreementError, Part, Rate


class Inner(Part):
    close_rate: Rate = 0.5
    count: int = Field(default=1, strict=True)


class Book(Part):
    name: str = Field(min_length=1, strict=True)
    inner: Inner = Inner()
    kind: Literal["demo", "e-book"] = "demo"
    due: date | None = None
    days: tuple[int, ...] = ()
    parts: dict[str, Inner] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _stands(self):
        if self.name == "both":
            raise AgreementError(("one thing", "another"))
        return self


def said(**given):
    with pytest.raises(ValidationError) as caught:
        Book.model_validate(given)
    return faults_in_words(caught.value, Book)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "name: is missing"),
        ({"name": ""}, "name: is empty"),
        ({"name": 5}, "name: 5 is not text"),
        ({"name": "x", "inner": {"close_rat": 1}}, "inner.close_rat: is not a key of [inner]; did you mean close_rate?"),
        ({"name": "x", "parts": {"EMEA": {"close_rat": 1}}}, "parts.EMEA.close_rat: is not a key of [parts.EMEA]; did you mean close_rate?"),
        ({"name": "x", "zzz": 1}, "zzz: is not a key of an agreement"),
        ({"name": "x", "inner": 3}, "inner: 3 is not a table; write it as [inner] with its keys under it"),
        ({"name": "x", "inner": {"close_rate": 45.0}}, "inner.close_rate: 45 must be at most 1; write 45% as 0.45"),
        ({"name": "x", "inner": {"close_rate": 145.0}}, "inner.close_rate: 145 must be at most 1"),
        ({"name": "x", "inner": {"close_rate": 0}}, "inner.close_rate: 0 must be more than 0"),
        ({"name": "x", "inner": {"close_rate": True}}, "inner.close_rate: true is not a number"),
        ({"name": "x", "inner": {"count": 1.5}}, "inner.count: 1.5 is not a whole number"),
        ({"name": "x", "kind": "call"}, "kind: 'call' is none of 'demo' or 'e-book'"),
        ({"name": "x", "due": "soon"}, "due: 'soon' is no day; write it like 2026-12-24"),
        ({"name": "x", "days": 3}, "days: 3 is not a list; write it in square brackets"),
    ],
)  # fmt: skip
def test_each_mistake_says_where_it_is_and_what_to_write(given, words):
    assert said(**given) == (words,)


def test_all_mistakes_are_said_at_once():
    assert said(inner={"close_rate": 2.0, "count": "x"}, kind="call") == (
        "name: is missing",
        "inner.close_rate: 2 must be at most 1; write 2% as 0.02",
        "inner.count: 'x' is not a whole number",
        "kind: 'call' is none of 'demo' or 'e-book'",
    )


def test_what_a_part_finds_out_about_itself_is_a_sentence_each():
    assert said(name="both") == ("one thing", "another")


def test_a_long_value_is_shortened():
    (words,) = said(name="x", kind="call", inner={"count": "9" * 200})[:1]
    assert words == f"inner.count: '{'9' * 56}… is not a whole number"


class Shelf(Part):
    book: Book


def all_said(**given):
    with pytest.raises(ValidationError) as caught:
        Shelf.model_validate(given)
    return every_fault(caught.value, Shelf, given)


def test_a_table_is_held_against_itself_also_where_one_of_its_keys_is_wrong():
    assert all_said(book={"name": "both", "kind": "call", "zzz": 1}) == (
        "book.kind: 'call' is none of 'demo' or 'e-book'",
        "book.zzz: is not a key of [book]",
        "book: one thing",
        "book: another",
    )


def test_what_is_wrong_with_a_key_is_all_that_is_said_of_it():
    assert all_said(book={"name": 5, "inner": {"close_rate": 2.0}}) == (
        "book.name: 5 is not text",
        "book.inner.close_rate: 2 must be at most 1; write 2% as 0.02",
    )
