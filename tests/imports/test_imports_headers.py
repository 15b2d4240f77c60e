"""The names of columns: which mean a field, which are somebody's, and that no list contradicts another."""

import pytest

from alignment_core.imports.headers import FIELDS, is_personal


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
