"""What each real export holds, worked out with csv, openpyxl and datetime alone: nothing here imports the product.

`FILES` says what a person who knows the systems takes each column for; `worked_out` counts the files by that.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl

MAVEN, OLIST, MARKETSTAR, X_EDUCATION, SALESFORCE, HUBSPOT = (
    "maven_crm_sales_opportunities", "olist_marketing_funnel", "marketstar_sdr_quota", "x_education_leads",
    "fivetran_salesforce_seeds", "fivetran_hubspot_seeds",
)  # fmt: skip
DELETED = "deleted in the CRM"
ELSEWHERE = "the change is of another field than the stage"


@dataclass(frozen=True)
class File:
    """What a file is taken for: its kind and the header of each field, or a word of the reason why it is refused."""

    kind: str | None
    fields: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""


_X_EDUCATION = File("leads", {"lead_id": "Prospect ID", "lead_source": "Lead Source", "country": "Country"})
FILES: Mapping[str, Mapping[str, File]] = {
    MAVEN: {
        "sales_pipeline.csv": File("deals", {
            "deal_id": "opportunity_id", "owner": "sales_agent", "product": "product", "account": "account",
            "deal_stage": "deal_stage", "created_at": "engage_date", "closed_at": "close_date", "amount": "close_value",
        }),
        "sales_teams.csv": File("owners", {"owner": "sales_agent", "manager": "manager", "region": "regional_office"}),
        "accounts.csv": File("accounts", {
            "account": "account", "industry": "sector", "annual_revenue": "revenue", "employees": "employees",
            "country": "office_location",
        }),
        "products.csv": File(None, refused="'sales_price'"),
        "data_dictionary.csv": File(None, refused="'Description'"),
    },
    OLIST: {
        "olist_marketing_qualified_leads_dataset.csv": File("leads", {
            "lead_id": "mql_id", "mql_at": "first_contact_date", "landing_page": "landing_page_id", "lead_source": "origin",
        }),
        "olist_closed_deals_dataset.csv": File("deals", {
            "lead_id": "mql_id", "deal_id": "seller_id", "owner": "sr_id", "won_date": "won_date",
            "industry": "business_segment", "lead_type": "lead_type",
        }),
    },
    MARKETSTAR: {
        "Leads.csv": File("leads", {
            "lead_id": "LeadId", "industry": "Industry", "employees": "Employees", "created_at": "CreatedDate",
            "owner": "OwnerEmployeeId", "deal_id": "ConvertedOpportunityId", "lead_source": "LeadSource",
        }),
        "Opportunities.csv": File("deals", {
            "deal_id": "OpportunityId", "created_at": "CreatedDate", "is_won": "IsAccepted",
            "closed_at": "AcceptedDecisionDate", "amount": "Amount", "owner": "OwnerEmployeeId",
        }),
        "Employees_no_names.csv": File("owners", {"owner": "EmployeeId", "role": "Role"}),
    },
    X_EDUCATION: {
        "Leads.csv": _X_EDUCATION,
        "Leads_actually_xlsx.csv": _X_EDUCATION,
        "Leads_Data_Dictionary.xlsx": File(None, refused="'Description'"),
    },
    SALESFORCE: {
        "sf_lead_data.csv": File("leads", {
            "lead_id": "id", "created_at": "created_date", "lead_source": "lead_source", "mql_at": "mql_date_c",
            "opportunity_at": "converted_date", "deal_id": "converted_opportunity_id", "owner": "owner_id",
            "account": "account_c", "country": "country", "region": "region_c", "state": "state", "industry": "industry",
            "employees": "number_of_employees", "annual_revenue": "annual_revenue", "lead_type": "lead_type_c",
            "campaign": "campaignid_c", "is_deleted": "is_deleted",
        }),
        "sf_contact_data.csv": File("leads", {
            "lead_id": "id", "created_at": "created_at_c", "lead_source": "lead_source", "mql_at": "mql_date_c",
            "owner": "owner_id", "account": "account_id", "country": "country_c", "region": "region_c", "state": "state_c",
            "campaign": "campaignid_c", "is_deleted": "is_deleted",
        }),
        "sf_opportunity_data.csv": File("deals", {
            "deal_id": "id", "created_at": "created_date", "closed_at": "close_date", "is_won": "is_won",
            "is_closed": "is_closed", "deal_stage": "stage_name", "amount": "amount", "lead_source": "lead_source",
            "owner": "owner_id", "account": "account_id", "campaign": "campaign_id", "deal_type": "type",
            "is_deleted": "is_deleted",
        }),
        "sf_task_data.csv": File("touches", {
            "lead_id": "who_id", "deal_id": "what_id", "at": "completed_date_time", "kind": "task_subtype",
            "owner": "owner_id", "is_deleted": "is_deleted",
        }),
        "sf_account_data.csv": File("accounts", {
            "account": "id", "country": "billing_country", "state": "billing_state", "industry": "industry",
            "employees": "number_of_employees", "annual_revenue": "annual_revenue", "owner": "owner_id",
            "is_deleted": "is_deleted",
        }),
        "sf_opportunity_history_data.csv": File("history", {
            "deal_id": "id", "at": "_fivetran_start", "reached": "stage_name", "is_deleted": "is_deleted",
        }),
        "sf_opportunity_line_item_data.csv": File(None, refused="line items"),
    },
    HUBSPOT: {
        "contact_data.csv": File("leads", {
            "lead_id": "id", "created_at": "property_created_at", "annual_revenue": "property_annualrevenue",
            "is_deleted": "_fivetran_deleted",
        }),
        "deal_data.csv": File("deals", {
            "deal_id": "deal_id", "created_at": "property_createdate", "closed_at": "property_closedate",
            "deal_stage": "deal_pipeline_stage_id", "amount": "property_amount", "owner": "owner_id",
            "is_deleted": "is_deleted",
        }),
        "owner_team_data.csv": File("owners", {"owner": "owner_id", "team": "team_id"}),
        "contact_property_history_data.csv": File("history", {
            "lead_id": "contact_id", "at": "timestamp", "reached": "value", "about": "name",
        }),
        "deal_property_history_data.csv": File("history", {
            "deal_id": "deal_id", "at": "timestamp", "reached": "value", "about": "name",
        }),
        "deal_stage_data.csv": File("history", {"deal_id": "deal_id", "at": "date_entered", "reached": "value"}),
        "deal_pipeline_data.csv": File(None, refused="HubSpot pipelines"),
        "deal_pipeline_stage_data.csv": File(None, refused="HubSpot pipelines"),
        "deal_contact_data.csv": File(None, refused="joins contacts and deals"),
        "merged_deal_data.csv": File(None, refused="merged deals"),
    },
}  # fmt: skip

#: A plan, whose figures `test_imports_plan_sheet.py` works out.
NOT_HERE = {f"{MARKETSTAR}/Quotas.csv"}

#: How each file writes its days; ISO where nothing is said. A time may stand behind the day.
_DATES: Mapping[tuple[str, str, str], str] = {
    (MARKETSTAR, "Leads.csv", "CreatedDate"): "%Y%m%d",
    (MARKETSTAR, "Opportunities.csv", "CreatedDate"): "%m/%d/%Y",
    (MARKETSTAR, "Opportunities.csv", "AcceptedDecisionDate"): "%m/%d/%Y",
}


@dataclass(frozen=True)
class Outcome:
    """What becomes of a file's rows.

    Attributes:
        aside: the rows that are set aside, by reason.
        dated: by field, how many of the rows used are dated in each quarter.
    """

    read: int
    used: int
    aside: Counter
    dated: Mapping[str, Counter]


def rows_of(path: Path) -> list[dict[str, str]]:
    """A file's rows as text, by header."""
    if path.read_bytes()[:2] == b"PK":
        return list(_workbook(path))
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _workbook(path: Path) -> Iterator[dict[str, str]]:
    with path.open("rb") as file:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        headers, *records = book.worksheets[0].iter_rows(values_only=True)
    for record in records:
        yield {
            str(header): "" if cell is None else str(cell)
            for header, cell in zip(headers, record, strict=False)
            if header is not None
        }


def day_of(folder: str, name: str, header: str, text: str) -> date | None:
    if not text:
        return None
    written = _DATES.get((folder, name, header))
    return datetime.strptime(text.split(" ")[0], written).date() if written else date.fromisoformat(text[:10])


def quarter_of(day: date) -> str:
    return f"{day.year}-Q{(day.month - 1) // 3 + 1}"


def worked_out(data: Path, folder: str, name: str) -> Outcome:
    """A file's rows read, used and set aside, and its dates by quarter. Only deleted records are set aside in these files."""
    told, rows = FILES[folder][name], rows_of(data / folder / name)
    deleted = told.fields.get("is_deleted")
    alive = [row for row in rows if not deleted or row[deleted].upper() != "TRUE"]
    about = told.fields.get("about")  # the names of all properties are scrambled in these files: none is a stage's
    used = [row for row in alive if not about]
    dated = {}
    for called, header in told.fields.items():
        if called.endswith(("_at", "won_date")) or called == "at":
            days = [day_of(folder, name, header, row[header]) for row in used]
            dated["closed_at" if called == "won_date" else called] = Counter(quarter_of(day) for day in days if day)
    aside = +Counter({DELETED: len(rows) - len(alive), ELSEWHERE: len(alive) - len(used)})
    return Outcome(len(rows), len(used), aside, dated)


#: By stage: how many records by (quarter, segment); revenue in Decimal.
Counted = Mapping[str, Counter]


def funnel_of(data: Path, folder: str) -> Counted:
    """A data set's funnel by quarter and segment: Maven's by region, the others' by lead source."""
    return {MAVEN: _maven, OLIST: _olist, MARKETSTAR: _marketstar}[folder](data)


def _maven(data: Path) -> Counted:
    region = {row["sales_agent"]: row["regional_office"] for row in rows_of(data / MAVEN / "sales_teams.csv")}
    found: Counted = {"opportunities": Counter(), "wins": Counter(), "revenue": Counter()}
    for row in rows_of(data / MAVEN / "sales_pipeline.csv"):
        place = region[row["sales_agent"]]
        if row["engage_date"]:
            found["opportunities"][quarter_of(date.fromisoformat(row["engage_date"])), place] += 1
        if row["deal_stage"] == "Won":
            cell = quarter_of(date.fromisoformat(row["close_date"])), place
            found["wins"][cell] += 1
            found["revenue"][cell] += Decimal(row["close_value"])
    return found


def _olist(data: Path) -> Counted:
    """Amounts were not recorded."""
    found: Counted = {"mqls": Counter(), "wins": Counter()}
    origin = {}
    for row in rows_of(data / OLIST / "olist_marketing_qualified_leads_dataset.csv"):
        origin[row["mql_id"]] = row["origin"] or "(not recorded)"
        found["mqls"][quarter_of(date.fromisoformat(row["first_contact_date"])), origin[row["mql_id"]]] += 1
    for row in rows_of(data / OLIST / "olist_closed_deals_dataset.csv"):
        found["wins"][quarter_of(datetime.fromisoformat(row["won_date"])), origin[row["mql_id"]]] += 1
    return found


def _marketstar(data: Path) -> Counted:
    found: Counted = {"opportunities": Counter(), "wins": Counter(), "revenue": Counter()}
    leads = rows_of(data / MARKETSTAR / "Leads.csv")
    source = {row["ConvertedOpportunityId"]: row["LeadSource"] for row in leads if row["ConvertedOpportunityId"]}
    for row in rows_of(data / MARKETSTAR / "Opportunities.csv"):
        lead_source = source[row["OpportunityId"]]
        opened, decided = (
            quarter_of(day_of(MARKETSTAR, "Opportunities.csv", header, row[header]))
            for header in ("CreatedDate", "AcceptedDecisionDate")
        )
        found["opportunities"][opened, lead_source] += 1
        if row["IsAccepted"] == "TRUE":
            found["wins"][decided, lead_source] += 1
            found["revenue"][decided, lead_source] += Decimal(row["Amount"])
    return found
