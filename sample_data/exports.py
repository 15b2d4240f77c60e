"""The company as its CRMs would export it: Salesforce leads, opportunities and tasks, HubSpot contacts."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sample_data.company import AS_OF, Lead

Row = dict[str, str | int]

STAGES_ON_THE_WAY = ("Qualification", "Needs Analysis", "Proposal/Price Quote", "Negotiation/Review")
ORIGINAL_SOURCE = {
    "Website": "Organic Search",
    "Paid Search": "Paid Search",
    "Webinar": "Email Marketing",
    "Email Campaign": "Email Marketing",
    "Content Syndication": "Referrals",
    "Trade Show": "Offline Sources",
    "Other": "",
    "": "",
}


def salesforce_id(prefix: str, number: int) -> str:
    """An 18-character record id: 15 characters, and three that tell their upper case from lower."""
    short = f"{prefix}Nw0000{number:06d}"
    suffix = (
        sum(char.isupper() << place for place, char in enumerate(short[start : start + 5])) for start in (0, 5, 10)
    )
    return short + "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits] for bits in suffix)


def happened(moment: datetime | None) -> datetime | None:
    """A moment, unless it lies after the export."""
    return moment if moment and moment <= AS_OF else None


def _salesforce(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000+0000" if happened(moment) else ""


def _hubspot(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if happened(moment) else ""


def _flag(value: object) -> str:
    return "true" if value else "false"


def _person(lead: Lead) -> tuple[str, str, str, str, str]:
    """First name, last name, e-mail, phone and company, which belong to nobody."""
    return (
        "Lead",
        f"{lead.number:05d}",
        f"lead-{lead.number:05d}@example.com",
        f"+1-555-01{lead.number % 100:02d}",
        f"Company {lead.number:05d}",
    )


def _lead_status(lead: Lead) -> str:
    if happened(lead.opportunity):
        return "Closed - Converted"
    if happened(lead.given_up):
        return "Closed - Not Converted"
    if happened(lead.sql):
        return "Qualified"
    if lead.origin == "marketing" and not happened(lead.mql):
        return "Nurturing"
    return "Working - Contacted" if any(happened(t.at) for t in lead.touches) else "Open - Not Contacted"


def salesforce_leads(leads: Iterable[Lead]) -> Iterator[Row]:
    """Every lead; a converted one points to its opportunity."""
    for lead in leads:
        first, last, email, phone, company = _person(lead)
        converted = happened(lead.opportunity)
        yield {
            "Id": salesforce_id("00Q", lead.number),
            "FirstName": first,
            "LastName": last,
            "Email": email,
            "Phone": phone,
            "Company": company,
            "Title": lead.title,
            "LeadSource": lead.lead_source,
            "Status": _lead_status(lead),
            "Country": lead.country,
            "Region__c": lead.region,
            "Industry": lead.industry,
            "NumberOfEmployees": lead.employees,
            "Lead_Type__c": lead.lead_type,
            "OwnerId": salesforce_id("005", lead.owner),
            "CreatedDate": _salesforce(lead.created),
            "MQL_Date__c": _salesforce(lead.mql),
            "SQL_Date__c": _salesforce(lead.sql),
            "Disqualified_Date__c": _salesforce(lead.given_up),
            "IsConverted": _flag(converted),
            "ConvertedDate": f"{converted:%Y-%m-%d}" if converted else "",
            "ConvertedOpportunityId": salesforce_id("006", lead.number) if converted else "",
            "IsDeleted": "false",
        }


def _stage(lead: Lead) -> str:
    if happened(lead.closed):
        return "Closed Won" if lead.won else "Closed Lost"
    done = (AS_OF - lead.opportunity) / (lead.closed - lead.opportunity)
    return STAGES_ON_THE_WAY[int(done * len(STAGES_ON_THE_WAY))]


def salesforce_opportunities(leads: Iterable[Lead]) -> Iterator[Row]:
    """An open opportunity's close date is the one it is forecast for."""
    opened = (lead for lead in leads if happened(lead.opportunity))
    for lead in sorted(opened, key=lambda lead: lead.opportunity):
        closed = happened(lead.closed)
        yield {
            "Id": salesforce_id("006", lead.number),
            "Name": f"Company {lead.number:05d} - Analytics",
            "StageName": _stage(lead),
            "Amount": lead.amount,
            "CurrencyIsoCode": "USD",
            "CloseDate": f"{lead.closed:%Y-%m-%d}",
            "CreatedDate": _salesforce(lead.opportunity),
            "IsClosed": _flag(closed),
            "IsWon": _flag(closed and lead.won),
            "LeadSource": lead.lead_source,
            "Region__c": lead.region,
            "Type": "Existing Business" if lead.lead_source == "Field Sales" else "New Business",
            "OwnerId": salesforce_id("005", lead.owner),
            "Lead_Id__c": salesforce_id("00Q", lead.number),
            "FiscalYear": lead.closed.year,
            "FiscalQuarter": (lead.closed.month + 2) // 3,
        }


def salesforce_tasks(leads: Iterable[Lead]) -> Iterator[Row]:
    """Every completed call and e-mail, in order of time."""
    done = ((touch.at, lead.number, touch, lead) for lead in leads for touch in lead.touches)
    ordered = sorted((item for item in done if happened(item[0])), key=lambda item: item[:2])
    for number, (at, _, touch, lead) in enumerate(ordered, start=1):
        if touch.kind == "Call":
            subject = "Call"
        elif touch.personalised:
            subject = f"Email: your {lead.lead_type.lower()}"
        else:
            subject = "Email: sequence step"
        yield {
            "Id": salesforce_id("00T", number),
            "WhoId": salesforce_id("00Q", lead.number),
            "OwnerId": salesforce_id("005", lead.owner),
            "TaskSubtype": touch.kind,
            "Subject": subject,
            "Personalised__c": _flag(touch.personalised),
            "Status": "Completed",
            "ActivityDate": f"{at:%Y-%m-%d}",
            "CreatedDate": _salesforce(at),
            "CompletedDateTime": _salesforce(at),
        }


def _lifecycle(lead: Lead) -> str:
    if lead.won and happened(lead.closed):
        return "Customer"
    for moment, name in (
        (lead.opportunity, "Opportunity"),
        (lead.sql, "Sales Qualified Lead"),
        (lead.mql, "Marketing Qualified Lead"),
    ):
        if happened(moment):
            return name
    return "Lead"


def hubspot_contacts(leads: Iterable[Lead]) -> Iterator[Row]:
    """Marketing's system: everybody but those whom sales found."""
    for lead in leads:
        if lead.origin == "sales":
            continue
        first, last, email, phone, company = _person(lead)
        has_deal = happened(lead.opportunity)
        yield {
            "Record ID": 51_000_000_000 + lead.number,
            "First Name": first,
            "Last Name": last,
            "Email": email,
            "Phone Number": phone,
            "Company Name": company,
            "Job Title": lead.title,
            "Lifecycle Stage": _lifecycle(lead),
            "Create Date": _hubspot(lead.created),
            "Became a Marketing Qualified Lead Date": _hubspot(lead.mql),
            "Became a Sales Qualified Lead Date": _hubspot(lead.sql),
            "Became an Opportunity Date": _hubspot(lead.opportunity),
            "Became a Customer Date": _hubspot(lead.closed) if lead.won else "",
            "Original Source": ORIGINAL_SOURCE[lead.lead_source],
            "First Conversion": lead.lead_type,
            "Country/Region": lead.country,
            "Region": lead.region,
            "Industry": lead.industry,
            "Number of Employees": lead.employees,
            "Annual Revenue": lead.employees * 185_000,
            "Contact owner": f"Rep {lead.owner:02d}",
            "Number of Associated Deals": 1 if has_deal else 0,
            "Recent Deal Amount": lead.amount if has_deal else "",
        }
