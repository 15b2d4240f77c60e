"""The names of columns: which mean a field, which are somebody's, and that no list contradicts another."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from alignment_core.imports.headers import (
    CAMPAIGN_MEMBERS,
    FIELDS,
    HELPERS,
    HISTORIES,
    LOST,
    OF_A_PERSON,
    SIGNS,
    STAGE_FIELDS,
    STAGE_NAMES,
    TYPES,
    UNREAD,
    WON,
    is_email,
    is_personal,
    normalise,
    system_of,
)
from alignment_core.imports.model import KINDS
from alignment_core.imports.values.plain import letters
from alignment_core.vocabulary import STAGES


@pytest.mark.parametrize(
    "header",
    "Email;E-Mail;First Name;LastName;Phone;MobilePhone;Company;Deal Name;Name;property_email;Person - Name;Street;Notes;"
    "Description;PostalCode;LinkedIn URL;contact_email__c;Subject;Telefon;Vorname;Birthdate".split(";"),
)
def test_personal_headers_are_known(header):
    assert is_personal(header)


def test_no_field_but_an_account_is_read_from_a_personal_column():
    for kind, known in FIELDS.items():
        for field, names in known.items():
            personal = [name for name in (field, *names) if is_personal(name)]
            assert not personal or field in ("account", "about"), (kind, field, personal)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Lead ID", "leadid"), ("lead_id", "leadid"), (" LEAD-ID ", "leadid"), ("MQL_Date__c", "mqldate"),
        ("property_hs_lead_status", "hsleadstatus"), ("Deal - Value", "dealvalue"), ("No. of MQLs", "noofmqls"),
        ("Größe", "grösse"), ("商談", "商談"), ("c", "c"), ("__c", ""), ("#", ""),
    ],
)  # fmt: skip
def test_headers_are_compared_without_case_punctuation_and_what_systems_add(header, name):
    assert normalise(header) == name


@given(st.lists(st.from_regex("[a-z]{2,6}", fullmatch=True), min_size=1, max_size=5), st.sampled_from(" _-./ \n"))
def test_however_words_are_joined_a_header_is_the_same(words, sign):
    """But Fivetran's first word, which is none of the name."""
    assume(words[0] != "property")
    name = "".join(words)
    assert normalise(sign.join(words)) == normalise(sign.join(words).upper() + "__c") == normalise(name.title()) == name


def test_every_known_name_can_be_that_of_a_header():
    """A name with a sign in it would never be found."""
    listed = [name for known in FIELDS.values() for names in known.values() for name in names]
    listed += [name for signs in SIGNS.values() for name in signs]
    listed += [name for each in UNREAD for name in (*each.has, *each.lacks)]
    listed += [name for names in (*HISTORIES, *OF_A_PERSON.values()) for name in names]
    listed += [*CAMPAIGN_MEMBERS, *STAGE_FIELDS, *STAGE_NAMES]
    assert [name for name in listed if normalise(name) != name] == []


def test_no_name_means_two_fields_of_one_kind():
    """But a channel, which is the kind of a touch where nothing else is, and else the source of its lead."""
    twice = set()
    for kind, known in FIELDS.items():
        of_name = {}
        for field, names in known.items():
            for name in names:
                of_name.setdefault(name, set()).add(field)
        twice |= {(kind, name, *sorted(fields)) for name, fields in of_name.items() if len(fields) > 1}
    assert twice == {("touches", "channel", "kind", "lead_source")}


def test_every_kind_has_its_fields_and_every_type_and_helper_is_of_a_field():
    assert set(FIELDS) == set(KINDS)
    assert set(SIGNS) == set(KINDS) - {"plan"}
    fields = {field for known in FIELDS.values() for field in known}
    assert set(TYPES) <= fields
    assert fields >= HELPERS


def test_a_stage_is_won_or_lost_and_never_both():
    assert not WON & LOST
    assert [word for word in (*WON, *LOST) if word != letters(word)] == []
    assert set(STAGE_NAMES.values()) == set(STAGES)


@pytest.mark.parametrize(
    ("headers", "system"),
    [
        (["Deal - ID", "Deal - Value"], "Pipedrive"),
        (["Record ID", "Became a Marketing Qualified Lead Date"], "HubSpot"),
        (["Potential Name", "Closing Date"], "Zoho CRM"),
        (["createdon", "estimatedclosedate"], "Dynamics 365"),
        (["acquisitionProgramId"], "Marketo"),
        (["Id", "StageName"], "Salesforce"),
        (["Id", "MQL_Date__c"], "Salesforce"),
        ([" Lead Source "], "Salesforce"),
        (["lead_id", "mql_at"], "unknown"),
        ([], "unknown"),
    ],
)
def test_a_system_is_told_by_what_only_it_writes(headers, system):
    assert system_of(headers) == system


@pytest.mark.parametrize(
    "header",
    "Mailing List;Mailing Campaign;Email Marketing;Personalised;Persona;Company Size;Company Country;Deal Stage;Region;Lead Source;"
    "Noted At;Amount".split(";"),
)
def test_what_only_sounds_like_somebodys_is_read(header):
    assert not is_personal(header)


def test_the_address_by_which_a_lead_is_known_is_personal():
    """So it is never read as it is; a code of it is."""
    for header in ("Email", "E-Mail", "Lead Email", "property_email", "E-Mail-Adresse", "Work Email"):
        assert is_email(header), header
        assert is_personal(header), header
    assert not is_email("Email Opt Out")
