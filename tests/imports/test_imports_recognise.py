"""The headers of real exports → what a row is, and which column is which field."""

import json
import re

import pytest

from alignment_core.imports import FileMapping, InputFile, Refusal, read_files
from alignment_core.imports.recognise import recognise

STAGE_DATES = ("mql_at", "sql_at", "opportunity_at", "won_at")


def understood(headers, **chosen):
    found = recognise(headers, FileMapping(**chosen))
    return found.kind, {field: headers[spot] for field, spot in found.fields.items()}


def fields(kind, headers):
    said, found = understood(headers)
    assert said == kind
    return found


def contains(found, expected):
    assert {field: found.get(field) for field in expected} == expected


@pytest.fixture(scope="module")
def lists(shared_data):
    names = ("hubspot", "others", "salesforce_api_names_data_export", "salesforce_label_to_api")
    folder = shared_data / "crm_headers"
    return {name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in names}


SALESFORCE = {
    "Lead": ("leads", {
        "lead_id": "Id", "created_at": "CreatedDate", "lead_source": "LeadSource", "opportunity_at": "ConvertedDate",
        "deal_id": "ConvertedOpportunityId", "owner": "OwnerId", "country": "Country", "industry": "Industry",
        "employees": "NumberOfEmployees", "annual_revenue": "AnnualRevenue", "currency": "CurrencyIsoCode", "is_deleted": "IsDeleted",
    }),
    "Opportunity": ("deals", {
        "deal_id": "Id", "created_at": "CreatedDate", "closed_at": "CloseDate", "is_won": "IsWon", "is_closed": "IsClosed",
        "amount": "Amount", "lead_source": "LeadSource", "owner": "OwnerId", "account": "AccountId", "deal_type": "Type",
    }),
    "Task": ("touches", {"lead_id": "WhoId", "deal_id": "WhatId", "at": "CompletedDateTime", "kind": "Type", "owner": "OwnerId"}),
    "CampaignMember": ("touches", {"lead_id": "LeadId", "at": "FirstRespondedDate", "is_deleted": "IsDeleted"}),
    "Account": ("accounts", {"account": "Id", "country": "BillingCountry", "industry": "Industry", "employees": "NumberOfEmployees"}),
}  # fmt: skip


@pytest.mark.parametrize("object_", SALESFORCE)
def test_salesforce_is_recognised_by_its_api_names(lists, object_):
    kind, expected = SALESFORCE[object_]
    contains(fields(kind, lists["salesforce_api_names_data_export"][object_]["standard"]), expected)


@pytest.mark.parametrize("object_", ["Lead", "Opportunity"])
def test_salesforce_is_recognised_by_its_report_labels(lists, object_):
    labels = lists["salesforce_label_to_api"][object_]
    kind, expected = SALESFORCE[object_]
    found = fields(kind, list(labels))
    contains(
        {field: labels[header].split("|")[0] for field, header in found.items()},
        {field: api for field, api in expected.items() if api in labels.values()},
    )


@pytest.mark.parametrize(
    ("object_", "reason"),
    [
        ("Contact", "Salesforce contacts"),
        ("Campaign", "Salesforce campaigns"),
        ("OpportunityContactRole", "contact roles"),
        ("Quote", "quotes"),
        ("ForecastingQuota", "quotas"),
        ("Period", "fiscal periods"),
        ("FiscalYearSettings", "fiscal year settings"),
    ],
)
def test_salesforce_objects_that_are_not_read_are_refused_by_name(lists, object_, reason):
    with pytest.raises(Refusal, match=reason):
        recognise(lists["salesforce_api_names_data_export"][object_]["standard"], FileMapping())


def test_hubspot_contacts_are_recognised_by_their_labels(lists):
    headers = [re.sub(r" \(older.*\)$", "", header) for header in lists["hubspot"]["contact_labels_export"]]
    expected = {
        "lead_id": "Record ID", "created_at": "Create Date", "lead_source": "Original Source", "owner": "Contact owner",
        "mql_at": "Became a Marketing Qualified Lead Date", "sql_at": "Became a Sales Qualified Lead Date",
        "opportunity_at": "Became an Opportunity Date", "won_at": "Became a Customer Date", "country": "Country/Region",
        "employees": "Number of Employees", "team": "HubSpot Team",
    }  # fmt: skip
    contains(fields("leads", headers), expected)
    older = [{"Record ID": "Contact ID", "Country/Region": "Country"}.get(header, header) for header in headers]
    contains(fields("leads", older), expected | {"lead_id": "Contact ID", "country": "Country"})


@pytest.mark.parametrize("generation", [0, 1, 2])
def test_hubspot_contacts_are_recognised_by_internal_names_of_each_generation(lists, generation):
    internal = lists["hubspot"]["contact_internal"]
    headers = [names[min(generation, len(names) - 1)] for names in internal.values()]
    found = fields("leads", headers)
    contains(
        found,
        {
            "lead_id": "hs_object_id",
            "created_at": "createdate",
            "lead_source": "hs_analytics_source",
            "owner": "hubspot_owner_id",
        },
    )
    labels = ("Marketing Qualified Lead", "Sales Qualified Lead", "Opportunity", "Customer")
    for field, label in zip(STAGE_DATES, labels, strict=True):
        article = "an" if label == "Opportunity" else "a"
        assert found[field] == internal[f"Became {article} {label} Date"][generation]


def test_hubspots_newer_and_german_stage_labels_are_recognised(lists):
    german = lists["hubspot"]["company_lifecycle_labels_de"]
    contains(fields("leads", ["Record ID", *german]), dict(zip(STAGE_DATES, german, strict=True)))
    stages = ("Marketing Qualified Lead", "Sales Qualified Lead", "Opportunity", "Customer")
    newer = [f'Date entered "{stage} (Lifecycle Stage Pipeline)"' for stage in stages]
    contains(fields("leads", ["Record ID", *newer]), dict(zip(STAGE_DATES, newer, strict=True)))


def test_hubspot_deals_are_recognised_by_labels_and_internal_names(lists):
    contains(
        fields("deals", lists["hubspot"]["deal_labels_export"]),
        {
            "deal_id": "Record ID", "deal_stage": "Deal Stage", "amount": "Amount", "closed_at": "Close Date",
            "created_at": "Create Date", "owner": "Deal owner", "lead_source": "Original Source", "deal_type": "Deal Type",
        },
    )  # fmt: skip
    contains(
        fields("deals", lists["hubspot"]["deal_internal"]),
        {
            "deal_id": "hs_object_id", "deal_stage": "dealstage", "amount": "amount", "currency": "deal_currency_code",
            "closed_at": "closedate", "created_at": "createdate", "is_won": "hs_is_closed_won", "is_closed": "hs_is_closed",
        },
    )  # fmt: skip


def test_pipedrive_dynamics_zoho_and_marketo_are_recognised(lists):
    others = lists["others"]
    plain = [re.sub(r" \(or .*\)$", "", header) for header in others["pipedrive_export"]]
    contains(
        fields("deals", plain),
        {
            "deal_id": "Deal - ID",
            "amount": "Deal - Value",
            "deal_stage": "Deal - Stage",
            "deal_status": "Deal - Status",
            "currency": "Deal - Currency",
            "owner": "Deal - Owner",
        },
    )
    contains(
        fields("deals", others["dynamics365_opportunity"]),
        {
            "deal_id": "opportunityid", "lead_id": "originatingleadid", "amount": "actualvalue", "deal_status": "statecode",
            "closed_at": "actualclosedate", "created_at": "createdon", "campaign": "campaignid",
        },
    )  # fmt: skip
    contains(
        fields("deals", others["zoho_new"]),
        {
            "deal_id": "Record Id",
            "deal_stage": "Stage",
            "closed_at": "Closing Date",
            "amount": "Amount",
            "lead_source": "Lead Source",
        },
    )
    contains(
        fields("leads", others["marketo_rest"]),
        {"lead_id": "id", "created_at": "createdAt", "lead_source": "leadSource"},
    )
    with pytest.raises(Refusal, match="the deal's id"):  # the older list has none
        recognise(others["zoho_potentials"], FileMapping())


def test_files_of_two_warehouse_connectors_are_told_apart(shared_data):
    expected = {
        "sf_account_data": "accounts", "sf_lead_data": "leads", "sf_opportunity_data": "deals", "sf_task_data": "touches",
        "sf_contact_data": "leads", "sf_opportunity_history_data": "history", "sf_opportunity_line_item_data": None,
        "contact_data": "leads", "deal_data": "deals", "deal_contact_data": None, "deal_pipeline_data": None,
        "contact_property_history_data": "history", "deal_property_history_data": "history", "merged_deal_data": None, "deal_stage_data": "history",
        "owner_team_data": "owners",
    }  # fmt: skip
    paths = [
        path
        for folder in ("salesforce", "hubspot")
        for path in sorted((shared_data / f"fivetran_{folder}_seeds").glob("*.csv"))
    ]
    found = {}
    for path in paths:
        headers = path.read_text(encoding="utf-8-sig").split("\n")[0].strip().replace('"', "").split(",")
        try:
            found[path.stem] = recognise(headers, FileMapping()).kind
        except Refusal:
            found[path.stem] = None
    assert {name: found[name] for name in expected} == expected


OWN = {
    "leads": "lead_id created_at source country industry employees annual_revenue lead_type owner mql_at sql_at opportunity_at won_at lost_at deal_id amount",
    "deals": "deal_id lead_id created_at closed_at is_won is_closed amount currency lead_source country owner",
    "touches": "lead_id at kind personalised owner",
    "stage_events": "stage at source region amount",
    "funnel": "quarter source region mqls sqls opportunities wins revenue",
}


@pytest.mark.parametrize("kind", OWN)
def test_the_products_own_names_are_read_as_themselves(kind):
    names = OWN[kind].split()
    chosen = {"kind": kind} if kind == "stage_events" else {}
    assert understood(names, **chosen) == (kind, {name: name for name in names})


def test_a_sales_accepted_lead_is_no_sql_and_a_created_lead_no_mql():
    found = fields(
        "leads", ["Lead ID", "Created Date", "MQL Date", "SAL Date", "Sales Accepted Date", "Sales Accepted Lead Date"]
    )
    assert (found["mql_at"], found["created_at"]) == ("MQL Date", "Created Date")
    assert "sql_at" not in found
    assert "mql_at" not in fields("leads", ["Lead ID", "Created Date", "Lead Source", "Converted Date"])


def test_rows_that_are_mqls_became_one_at_first_contact():
    assert fields("leads", ["mql_id", "first_contact_date", "landing_page_id", "origin"]) == {
        "lead_id": "mql_id", "mql_at": "first_contact_date", "landing_page": "landing_page_id", "lead_source": "origin",
    }  # fmt: skip


def test_headers_that_say_nothing_are_refused_with_what_to_do():
    with pytest.raises(Refusal, match=r"don't tell what a row is \('Colour', 'Weight'\)"):
        recognise(["Colour", "Weight"], FileMapping())


def test_headers_that_fit_two_kinds_are_not_guessed():
    with pytest.raises(Refusal, match="fit leads as well as deals"):
        recognise(["lead_id", "deal_id", "lead status", "stage name"], FileMapping())
    assert recognise(["lead_id", "deal_id", "lead status", "stage name"], FileMapping(kind="leads")).kind == "leads"


def test_what_a_kind_cannot_do_without_is_asked_for_all_at_once():
    with pytest.raises(Refusal) as caught:
        recognise(["Colour"], FileMapping(kind="touches"))
    assert [reason.split(".")[0] for reason in caught.value.reasons] == [
        "No column says the lead's id or the deal's id",
        "No column says when it happened",
    ]


def test_the_report_shows_what_became_of_every_column():
    text = "Lead ID,MQL Date,Email,Shoe size\n7,2026-07-01,a@b.example,43\n"
    (report,) = read_files([InputFile("a.csv", text.encode())]).files
    assert [(column.header, column.field, column.why, column.samples) for column in report.columns] == [
        ("Lead ID", "lead_id", "own name", ("7",)),
        ("MQL Date", "mql_at", "known name", ("2026-07-01",)),
        ("Email", None, "personal, dropped", ()),
        ("Shoe size", None, "not used", ("43",)),
    ]
