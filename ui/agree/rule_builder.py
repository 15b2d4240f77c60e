"""The rule builder: fit and engagement as rows of field, comparison and values, in groups of all or any.

A draft is plain dictionaries in the session's state, each rule and group with a number of its own: Streamlit forgets
the widgets of what is not drawn, and a draft that is not looked at must keep its rules.
"""

from itertools import count
from typing import Any

import streamlit as st

from alignment_core.agreement import Agreement, AgreementError
from alignment_core.data import Data
from alignment_core.definition import LISTS, NUMBERS, Comparison, Group, Match, MqlDefinition, Rule
from alignment_core.definition_words import COMPARED
from alignment_core.field_offers import STANDARD, Offer, field_offers, offer
from ui.field_words import field_words
from ui.text import plain

Draft = dict[str, Any]

_NUMBER = count(1)
_MATCH: dict[Match, str] = {"all": "all of these", "any": "any of these"}
_SIDES = {
    "fit": ("Fit", "what the company is: knowable without talking to anyone"),
    "engagement": ("Engagement", "what the lead did"),
}
_KNOWN = {True: "yes", False: "no"}


def drafted(definition: MqlDefinition | None) -> Draft:
    """A definition as a draft that can be edited."""
    definition = definition or MqlDefinition()
    return {side: _group(getattr(definition, side)) for side in _SIDES}


def _group(group: Group | None) -> Draft:
    terms = group.terms if group else ()
    return {
        "id": next(_NUMBER),
        "match": group.match if group else "all",
        "terms": [_rule(term) if isinstance(term, Rule) else _group(term) for term in terms],
    }


def _rule(rule: Rule) -> Draft:
    return {"id": next(_NUMBER), "field": rule.field, "comparison": rule.comparison, "value": rule.value}


def build(draft: Draft, data: Data, agreement: Agreement) -> tuple[MqlDefinition, list[str]]:
    """Draw a draft with everything that changes it. Returns what it says, and what of it is not complete yet."""
    faults: list[str] = []
    sides: dict[str, Group | None] = {}
    for side, (name, meaning) in _SIDES.items():
        with st.container(border=True):
            st.markdown(f"**{name}** :gray[{plain(meaning)}]")
            sides[side] = _draw_group(draft[side], data, agreement, faults, name.lower())
    try:
        return MqlDefinition(**sides), faults
    except AgreementError as error:
        return MqlDefinition(), [*faults, *error.faults]


def _draw_group(
    group: Draft, data: Data, agreement: Agreement, faults: list[str], where: str, depth: int = 1
) -> Group | None:
    key = f"agree.definition.{group['id']}"
    if len(group["terms"]) > 1:
        group["match"] = st.segmented_control(
            f"A lead must meet, in {where}", list(_MATCH), default=group["match"], format_func=_MATCH.__getitem__, key=f"{key}.match",
            label_visibility="collapsed" if depth > 1 else "visible",
        ) or group["match"]  # fmt: skip
    terms: list[Rule | Group] = []
    for term in list(group["terms"]):
        if "terms" in term:
            with st.container(border=True):
                inner = _draw_group(term, data, agreement, faults, "this group", depth + 1)
                st.button(
                    "Remove the group",
                    key=f"agree.definition.{term['id']}.remove",
                    on_click=_remove,
                    args=(group, term),
                    icon=":material/close:",
                )
            terms += [inner] if inner else []
        else:
            made = _draw_rule(group, term, data, agreement, faults)
            terms += [made] if made else []
    if not group["terms"]:
        st.caption("No rule yet: every lead meets it." if depth == 1 else "No rule yet.")
    with st.container(horizontal=True):
        st.button("Add a rule", key=f"{key}.add", on_click=_add_rule, args=(group, data), icon=":material/add:")
        if depth < 2 and group["terms"]:
            st.button(
                "Add a group", key=f"{key}.group", on_click=_add_group, args=(group,), icon=":material/add:",
                help="Rules of their own, of which all or any one must be met: country is US, or any of …",
            )  # fmt: skip
    return Group.of(group["match"], tuple(terms)) if terms else None


def _draw_rule(group: Draft, rule: Draft, data: Data, agreement: Agreement, faults: list[str]) -> Rule | None:
    key = f"agree.definition.{rule['id']}"
    there = field_offers(data)
    fields = list(dict.fromkeys((*there, *STANDARD, rule["field"])))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = st.selectbox(
            "Field", fields, index=fields.index(rule["field"]), key=f"{key}.field", width=190,
            format_func=lambda name: plain(field_words(name)) + ("" if name in there else " (not loaded)"),
        )  # fmt: skip
        found = offer(data, agreement, chosen)
        if chosen != rule["field"]:
            rule |= {"field": chosen, "comparison": "at_least" if found.is_number else "is", "value": None}
        comparisons = _comparisons(found, rule["comparison"])
        compared = st.selectbox(
            "Comparison", comparisons, index=comparisons.index(rule["comparison"]), key=f"{key}.{chosen}.comparison",
            format_func=COMPARED.__getitem__, width=150,
        )  # fmt: skip
        if compared != rule["comparison"]:
            rule |= {"comparison": compared, "value": _kept(rule["value"], compared)}
        if compared not in LISTS:
            rule["value"] = _draw_value(f"{key}.{chosen}.{compared}", rule, found)
        st.button(
            "Remove", key=f"{key}.remove", on_click=_remove, args=(group, rule), icon=":material/close:", help="Remove this rule"
        )  # fmt: skip
    if compared in LISTS:  # a line of its own: several values need the width
        rule["value"] = _draw_value(f"{key}.{chosen}.{compared}", rule, found)
    if found.leads and found.filled < found.leads:
        st.caption(f"{found.leads - found.filled:,} of {found.leads:,} marketing-sourced leads have no value here.")
    if rule["value"] in (None, [], ()):
        faults.append(f"{field_words(chosen)}: choose what it is compared with; until then the rule is left out.")
        return None
    try:
        return Rule.of(chosen, compared, rule["value"])
    except AgreementError as error:
        faults += [f"{field_words(chosen)}: {fault}" for fault in error.faults]
        return None


def _comparisons(found: Offer, now: Comparison) -> list[Comparison]:
    """Those that make sense for the field, and the one that is there."""
    fit: tuple[Comparison, ...] = (*NUMBERS, "is_filled") if found.is_number else (*LISTS, "is_filled")
    return list(dict.fromkeys((*fit, now)))


def _kept(value: Any, comparison: Comparison) -> Any:
    """What of a value still makes sense in another comparison."""
    if comparison in LISTS:
        return value if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value) else None
    if comparison == "is_filled":
        return True
    numbers = [
        each
        for each in (value if isinstance(value, list | tuple) else [value])
        if isinstance(each, int | float) and not isinstance(each, bool)
    ]
    if not numbers:
        return None
    return (min(numbers), max(numbers)) if comparison == "between" else numbers[0]


def _draw_value(key: str, rule: Draft, found: Offer) -> Any:
    """The widget for what a field is compared with."""
    value, comparison = rule["value"], rule["comparison"]
    if comparison in LISTS:
        counts = dict(found.values)
        chosen = list(value or ())
        return st.multiselect(
            "Values", list(dict.fromkeys((*counts, *chosen))), default=chosen, key=key, accept_new_options=True, width="stretch",
            format_func=lambda text: plain(text) + (f" ({counts[text]:,})" if text in counts else ""), placeholder="Choose, or type another",
            label_visibility="collapsed",
        )  # fmt: skip
    if comparison == "is_filled":
        answers = list(_KNOWN)
        return st.selectbox(
            "Known",
            answers,
            index=answers.index(value if value is not None else True),
            format_func=_KNOWN.__getitem__,
            key=key,
            width=110,
        )
    if comparison == "between":
        low, high = value or (None, None)
        least = st.number_input("At least", value=low, key=f"{key}.low", format="%g", width=140)
        most = st.number_input("At most", value=high, key=f"{key}.high", format="%g", width=140)
        return None if least is None or most is None else (float(least), float(most))
    number = st.number_input("Number", value=value, key=key, format="%g", width=150)
    return None if number is None else float(number)


def _add_rule(group: Draft, data: Data) -> None:
    used = {term.get("field") for term in group["terms"]}
    names = [*field_offers(data), *STANDARD]
    field = next((name for name in names if name not in used), names[0])
    group["terms"].append({"id": next(_NUMBER), "field": field, "comparison": "is", "value": None})


def _add_group(group: Draft) -> None:
    group["terms"].append({"id": next(_NUMBER), "match": "any", "terms": []})


def _remove(group: Draft, term: Draft) -> None:
    group["terms"] = [each for each in group["terms"] if each["id"] != term["id"]]
