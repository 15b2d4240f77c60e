"""The definition of an MQL as a part of a file: what it may hold, what is wrong with it in words, and how it reads."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_core.agreement import Agreement, AgreementError
from alignment_core.definition import DEEPEST, Group, MqlDefinition, Rule
from alignment_core.definition_words import preview, rule_words
from tests.support import agreed

ISSUE = """
[fit]
all = [
  { field = "country", is = ["US", "CA"] },
  { field = "employees", between = [200, 5000] },
  { field = "industry", is = "manufacturing" },
]
[engagement]
field = "lead_type"
is = ["Demo request", "Guide"]
"""


def rule(field, **comparison):
    ((name, value),) = comparison.items()
    return Rule.of(field, name.rstrip("_"), value)


def test_the_issues_example_reads_as_it_is_said_there():
    assert preview(MqlDefinition.from_text(ISSUE)) == (
        "companies in US or CA with 200–5,000 employees in manufacturing, that requested a demo or downloaded a guide"
    )


PREVIEWS = {
    "": "whatever the CRM flagged as an MQL",
    'engagement = { field = "score", at_least = 60 }': "leads that scored at least 60",
    'fit = { field = "employees", at_most = 2.5 }': "companies with at most 2.5 employees",
    'fit = { field = "region", is_not = ["EMEA"] }': "companies not in EMEA",
    'fit = { field = "Annual Revenue", at_least = 1e6 }': "companies whose annual revenue is at least 1,000,000",
    'fit = { any = [{ field = "region", is = "EMEA" }, { field = "employees", at_least = 9 }] }':
        "companies that are in EMEA or have at least 9 employees",
    'fit = { all = [{ field = "account_tier", is = "A" }, { field = "region", is = "EMEA" }] }':
        "companies in EMEA, whose account tier is A",
    'engagement = { all = [{ field = "lead_type", is = ["Demo", "Roadshow"] }, { field = "form", is_filled = true }] }':
        "leads that requested a demo or came as Roadshow, and whose form is known",
    'engagement = { any = [{ field = "lead_source", is_not = "Web" }, { all = [{ field = "form", is = "X" }, { field = "score", at_least = 5 }] }] }':
        "leads that did not come through Web or (filled in the form X and scored at least 5)",
    f'fit = {{ field = "country", is = {[f"C{n}" for n in range(9)]} }}':
        "companies in C0, C1, C2, C3, C4 or 4 others",
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), PREVIEWS.items(), ids=range(len(PREVIEWS)))
def test_a_definition_is_said_in_plain_language(text, said):
    definition = MqlDefinition.from_text(text) if text else None
    assert preview(definition) == said


def test_a_rule_is_said_by_itself():
    assert rule_words(rule("job_title", is_not=["CFO", "Student"])) == "job title is not CFO or Student"
    assert rule_words(rule("employees", between=(1, 2))) == "employees is 1–2"
    assert rule_words(rule("score", is_filled=False)) == "score is not known"


WRONG = {
    'fit = { all = [{ field = "a" }] }':
        ["fit: rule 1: a compares with nothing. A rule has one of is, is_not, at_least, at_most, between, is_filled"],
    'fit = { all = [{ field = "a", is = [1] }, { fild = "c", is = ["x"] }] }':
        ["fit: rule 1: is.0: 1 is not text", "fit: rule 2: field: is missing",
         "fit: rule 2: fild: is not a key of a rule; did you mean field?"],
    'fit = { field = "a", between = [5, 1] }': ["fit: between: 5 is more than 1; write the lower number first"],
    'fit = { field = "a", at_least = "5" }': ["fit: at_least: '5' is not a number"],
    'fit = { field = "a", at_least = true }': ["fit: at_least: true is not a number"],
    'fit = { field = "a", is_filled = 1 }': ["fit: is_filled: 1 is neither true nor false"],
    'fit = { all = [] }': ["fit: all: is empty; give it a rule, or leave it out"],
    'fit = { all = [7] }': ["fit: rule 1: is not a rule; write it as { field = …, is = [ … ] }"],
    'fit = { any = "x" }': ["fit: any: is not a list of rules; write it as [{ field = …, is = [ … ] }, …]"],
    'fit = 3': ["fit: is not a rule; write it as { field = …, is = [ … ] }"],
    'fitt = 3\nfit = { field = "a", is = "b" }': ["fitt: is not a key of [mql]; did you mean fit?"],
    'x = 1': ["has no rules: neither fit nor engagement is in it"],
    'mql = 1': ["mql: is not a table; write it as [mql] with fit and engagement under it"],
    'fit = {': None,
}  # fmt: skip


@pytest.mark.parametrize(("text", "faults"), WRONG.items(), ids=range(len(WRONG)))
def test_everything_wrong_is_said_at_once_and_in_words(text, faults):
    with pytest.raises(AgreementError) as refused:
        MqlDefinition.from_text(text)
    if faults is None:
        assert refused.value.faults[0].startswith("not valid TOML")
    else:
        assert list(refused.value.faults) == faults


def test_groups_stand_at_most_three_deep_and_no_deeper_file_ends_otherwise_than_in_words():
    def nested(depth):
        inner = '{ field = "a", is = "b" }'
        for _ in range(depth):
            inner = f"{{ any = [{inner}] }}"
        return f"fit = {inner}"

    assert MqlDefinition.from_text(nested(DEEPEST)).fit.depth == DEEPEST
    for depth in (DEEPEST + 1, 40, 400, 100_000):
        with pytest.raises(AgreementError, match="deep"):
            MqlDefinition.from_text(nested(depth))


def test_a_fault_in_an_agreement_says_where():
    with pytest.raises(AgreementError) as refused:
        agreed(mql={"fit": {"all": [{"field": "a", "at_least": 1, "at_most": 2}]}}, currency="usd")
    assert sorted(fault.split(": ")[0] for fault in refused.value.faults) == ["currency", "mql.fit"]


def test_what_is_no_rule_is_carried_along_and_named():
    """As agreements from before there were rules have it."""
    before = {"regions": ["EMEA"], "since": datetime.date(2026, 1, 1)}
    back = Agreement.from_text(agreed(mql=before).to_toml())
    assert back.mql.unread == ("regions", "since")
    assert back.mql.is_empty
    assert back.mql == MqlDefinition(**before)


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=6)
names = st.sampled_from(["country", "employees", "score", "lead_type", "größe", "x y"])
numbers = st.floats(-1e6, 1e6) | st.integers(-(10**6), 10**6)
rules = st.one_of(
    st.builds(Rule.of, names, st.sampled_from(["is", "is_not"]), st.lists(texts, min_size=1, max_size=3)),
    st.builds(Rule.of, names, st.sampled_from(["at_least", "at_most"]), numbers),
    st.builds(Rule.of, names, st.just("between"), st.tuples(numbers, numbers).map(lambda two: tuple(sorted(two)))),
    st.builds(Rule.of, names, st.just("is_filled"), st.booleans()),
)


def groups(terms):
    return st.builds(Group.of, st.sampled_from(["all", "any"]), st.lists(terms, min_size=1, max_size=3).map(tuple))


definitions = st.builds(
    lambda fit, engagement: MqlDefinition(fit=fit, engagement=engagement),
    st.none() | groups(rules | groups(rules | groups(rules))),
    st.none() | groups(rules),
)


@given(definitions)
def test_a_definition_goes_to_a_file_and_back_without_loss(definition):
    agreement = agreed(mql=definition)
    assert Agreement.from_text(agreement.to_toml()) == agreement
    if not definition.is_empty:
        assert MqlDefinition.from_text(definition.to_toml()) == definition
        assert MqlDefinition.from_text(agreement.to_toml()) == definition, "an agreement is a definition file too"
        assert preview(definition)
    assert hash(MqlDefinition.checked(definition.as_written())) == hash(definition)


@given(definitions.filter(lambda definition: not definition.is_empty), st.data())
def test_a_rule_can_be_taken_out_and_changed(definition, data):
    chosen = data.draw(st.sampled_from(tuple(definition.rules)))
    assert chosen not in definition.without(chosen).rules
    kept = [each for each in definition.rules if each != chosen]
    assert list(definition.without(chosen).rules) == kept
    other = rule("other", is_filled=True)
    assert list(definition.replaced(chosen, other).rules) == [
        other if each == chosen else each for each in definition.rules
    ]
