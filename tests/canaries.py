"""Made-up people whose data must not get past the door, in the shapes of files in which CRMs export them."""

import html
import io
from collections.abc import Mapping, Sequence

import pandas as pd
import xlsxwriter

#: Given names are common, as those of real leads are; everything else exists nowhere.
_GIVEN = ("Maria", "James", "Priya", "Thomas", "Katarzyna", "Ahmed", "Yuki", "Claire")
_FAMILY = ("Zelphirin", "Quonbrook", "Vexwarden", "Ombledyke", "Yarrowquist", "Fennimagh", "Ubblethorne", "Krandlewick")
PEOPLE = len(_GIVEN)


def person(number: int) -> Mapping[str, str]:
    """All that a CRM may know of somebody."""
    given, family = _GIVEN[number], _FAMILY[number]
    return {
        "given": given,
        "family": family,
        "name": f"{given} {family}",
        "email": f"{given}.{family}@canary{number}.example".lower(),
        "phone": f"+49 30 5550{number}7 4{number}9{number}",
        "mobile": f"(0{number}65) 555-01{number}8{number}",
        "street": f"{number + 11} Wobblegate{family[:4]} Lane",
        "born": f"19{50 + number}-03-{17 + number}",
        "ip": f"203.0.113.{40 + number}",
        "notes": f"Talked at length to {given} about the house in Gobblesham{number}, wants a call back after the holidays",
        "profile": f"https://www.linkedin.com/in/{family.lower()}-q{number}",
        "handle": f"@{family.lower()}_{number}",
        "photo": f"https://pictures.example/{family.lower()}/face{number}.jpg",
    }


PERSONS = tuple(person(number) for number in range(PEOPLE))

#: What must be found nowhere. Given names alone are nobody's, and a birth date is looked for in other spellings too.
CANARIES = tuple(
    text
    for each in PERSONS
    for key, value in each.items()
    if key != "given"
    for text in (
        value,
        *((value.split("@")[1],) if key == "email" else ()),
        *((f"Gobblesham{PERSONS.index(each)}", value[:40]) if key == "notes" else ()),
        *(("".join(filter(str.isdigit, value)),) if key in ("phone", "mobile") else ()),
        *((f"{value[8:]}.{value[5:7]}.{value[:4]}", f"{value[:4]}, 3, {value[8:]}") if key == "born" else ()),
    )
)

SALESFORCE = {
    "First Name": "given", "Last Name": "family", "Full Name": "name", "Email": "email", "Phone": "phone", "Mobile Phone": "mobile",
    "Street": "street", "Birthdate": "born", "IP Address": "ip", "Description": "notes", "LinkedIn URL": "profile",
    "Twitter Handle": "handle", "Photo URL": "photo",
}  # fmt: skip
HUBSPOT = {
    "First Name": "given", "Last Name": "family", "Email": "email", "Additional email addresses": "email", "Phone Number": "phone",
    "Mobile Phone Number": "mobile", "Street Address": "street", "Date of birth": "born", "hs_ip_address": "ip", "Message": "notes",
    "LinkedIn Bio": "profile", "Twitter Username": "handle", "Photo": "photo",
}  # fmt: skip
OWN = {
    "vorname": "given", "nachname": "family", "contact_name": "name", "e_mail": "email", "telefon": "phone", "mobile": "mobile", "strasse": "street",
    "geburtsdatum": "born", "ip": "ip", "kommentar": "notes", "linkedin": "profile", "twitter": "handle", "avatar": "photo",
}  # fmt: skip
#: Headers that say nothing: what the columns hold must tell.
MEANINGLESS = {f"f{place}": key for place, key in enumerate(PERSONS[0], 10)}

_AT = [f"2026-{4 + number % 6:02}-{10 + number}" for number in range(PEOPLE)]
_SOURCES = ("Website", "Webinar", "Cold call")
_COUNTRIES = ("Spain", "Peru")


def _opaque(number: int, start: str = "00Q") -> str:
    return f"{start}5g00000CANA{number:04}"


def _table(work: Mapping[str, Sequence[str]], personal: Mapping[str, str]) -> list[list[str]]:
    """A header and a row for each person: what the business is about, and what the CRM knows of them."""
    rows = [[*work, *personal]]
    for number, someone in enumerate(PERSONS):
        rows.append(
            [*(values[number % len(values)] for values in work.values()), *(someone[key] for key in personal.values())]
        )
    return rows


def salesforce_leads() -> list[list[str]]:
    ids = [_opaque(number) for number in range(PEOPLE)]
    deals = [_opaque(number, "006") for number in range(PEOPLE)]
    return _table(
        {"Lead ID": ids, "Created Date": _AT, "MQL Date": _AT, "SQL Date": _AT, "Converted Opportunity ID": deals, "Lead Source": _SOURCES,
         "Country": _COUNTRIES}, SALESFORCE,
    )  # fmt: skip


def salesforce_deals() -> list[list[str]]:
    """With what should not be there: an address where a date is due, and where a region is."""
    ids = [_opaque(number, "006") for number in range(PEOPLE)]
    rows = _table(
        {"Opportunity ID": ids, "Created Date": _AT, "Close Date": _AT, "Won": ("TRUE", "FALSE"), "Amount": ("1000", "2000.50"), "Lead Source": _SOURCES,
         "Region": ("North", "South")}, {"Contact Name": "name", "Contact Email": "email", "Next Step": "notes", "Opportunity Name": "name"},
    )  # fmt: skip
    rows[3][2] = PERSONS[2]["email"]
    rows[4][3] = PERSONS[3]["phone"]
    rows[6][2] = f"{PERSONS[5]['family']}@intranet"
    rows[5][6] = PERSONS[4]["email"]
    return rows


def hubspot_contacts() -> list[list[str]]:
    ids = [str(5_501_000 + number) for number in range(PEOPLE)]
    return _table(
        {"Record ID": ids, "Create Date": _AT, "Became a Marketing Qualified Lead Date": _AT, "Original Source": _SOURCES,
         "Country/Region": _COUNTRIES}, HUBSPOT,
    )  # fmt: skip


def own_leads() -> list[list[str]]:
    ids = [f"X-{number}-{number * 7:03}" for number in range(PEOPLE)]
    return _table(
        {"lead_id": ids, "created_at": _AT, "mql_at": _AT, "lead_source": _SOURCES, "region": ("North", "South")}, OWN
    )


def leads_by_address() -> list[list[str]]:
    """The id of a lead is its e-mail address, its owner's too; and a region's column holds numbers to call."""
    rows = _table(
        {"Lead ID": [someone["email"] for someone in PERSONS], "MQL Date": _AT, "Lead Source": _SOURCES, "Lead Owner": [PERSONS[0]["email"]],
         "Region": [someone["phone"] for someone in PERSONS]}, {"Last Name": "family"},
    )  # fmt: skip
    return [*rows, rows[1]]  # the same lead twice: a fault that would show its id


def leads_by_number() -> list[list[str]]:
    return _table(
        {"Lead ID": [someone["phone"] for someone in PERSONS], "MQL Date": _AT, "Lead Source": _SOURCES},
        {"Name": "name"},
    )


def meaningless() -> list[list[str]]:
    ids = [_opaque(100 + number) for number in range(PEOPLE)]
    return _table({"f1": ids, "f2": _AT, "f3": _SOURCES}, MEANINGLESS)


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    return "".join(",".join(f'"{cell}"' if "," in cell else cell for cell in row) + "\n" for row in rows).encode()


def as_xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"strings_to_urls": False}) as book:
        sheet = book.add_worksheet("Contacts")
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    return stream.getvalue()


def as_page(rows: Sequence[Sequence[str]]) -> bytes:
    cells = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<html><body><table>{cells}</table></body></html>".encode()


def as_parquet(rows: Sequence[Sequence[str]]) -> bytes:
    stream = io.BytesIO()
    frame = pd.DataFrame(rows[1:], columns=list(rows[0]))
    if "geburtsdatum" in frame:
        frame["geburtsdatum"] = pd.to_datetime(frame["geburtsdatum"])
    frame.to_parquet(stream)
    return stream.getvalue()


#: By name: the bytes, and the columns that must be named as dropped.
FILES: Mapping[str, tuple[bytes, tuple[str, ...]]] = {
    "salesforce leads.csv": (as_csv(salesforce_leads()), tuple(SALESFORCE)),
    "hubspot contacts.xlsx": (as_xlsx(hubspot_contacts()), tuple(HUBSPOT)),
    "report.xls": (as_page(salesforce_deals()), ("Contact Name", "Contact Email", "Next Step", "Opportunity Name")),
    "warehouse.parquet": (as_parquet(own_leads()), tuple(OWN)),
    "by address.csv": (as_csv(leads_by_address()), ("Region", "Last Name")),
    "by number.xlsx": (as_xlsx(leads_by_number()), ("Name",)),
    # A family name is like any other word; that it is a name can only be told beside a given one.
    "meaningless.csv": (as_csv(meaningless()), tuple(header for header, key in MEANINGLESS.items() if key != "family")),
    # A table whose first row is a record, for its header was lost.
    "no header.csv": (as_csv([[each["given"], each["family"], each["email"], "Spain"] for each in PERSONS]), ()),
}
OPAQUE = (_opaque(0), _opaque(1, "006"), "5501000", "X-3-021", _opaque(100))
