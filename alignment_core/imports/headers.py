"""Which header means which field, in the systems that exports come from. Data only: see `recognise` for its use.

Sources: the Salesforce object reference (API names and report labels), HubSpot's default properties (labels and
internal names), the exports of Pipedrive, Zoho CRM, Dynamics 365 and Marketo, and Fivetran's column names.
Names are compared without case, spaces, punctuation, the suffix of Salesforce's custom fields (`__c`) and
Fivetran's prefix of HubSpot's properties (`property_`). In each list the first name that a file has is taken.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from alignment_core.imports.model import Kind
from alignment_core.vocabulary import Stage

Type = Literal["id", "text", "time", "money", "number", "flag", "quarter", "quarter number", "year", "source", "stage"]

#: Fields that are not text, or that are an identity.
TYPES: Mapping[str, Type] = {
    "lead_id": "id", "deal_id": "id", "account": "id", "owner": "id",
    "created_at": "time", "mql_at": "time", "sql_at": "time", "opportunity_at": "time", "won_at": "time",
    "lost_at": "time", "assigned_at": "time", "closed_at": "time", "won_date": "time", "at": "time",
    "amount": "money", "revenue": "money",
    "mqls": "number", "sqls": "number", "opportunities": "number", "wins": "number",
    "is_won": "flag", "is_closed": "flag", "is_deleted": "flag", "personalised": "flag",
    "quarter": "quarter", "year": "year", "source": "source", "stage": "stage",
}  # fmt: skip

#: What a column of stages calls them.
STAGE_NAMES: Mapping[str, Stage] = {
    **dict.fromkeys(("mql", "mqls", "marketingqualifiedlead", "marketingqualifiedleads"), "mqls"),
    **dict.fromkeys(("sql", "sqls", "salesqualifiedlead", "salesqualifiedleads"), "sqls"),
    **dict.fromkeys(("opportunity", "opportunities", "opp", "opps"), "opportunities"),
    **dict.fromkeys(("win", "wins", "won", "closedwon", "customer"), "wins"),
}  # fmt: skip

#: What stages of a deal are called in which it is won or lost; in letters a to z.
WON = frozenset(("closedwon", "won", "accepted", "wonclosed", "gewonnen"))
LOST = frozenset(
    ("closedlost", "lost", "rejected", "lostclosed", "closed", "disqualified", "verloren", "canceled", "cancelled")
)

#: Fields that help to read a file and are no columns of its table.
HELPERS = frozenset({"is_deleted", "won_date", "deal_stage", "deal_status", "year", "about"})


def normalise(header: str) -> str:
    """A header as it is compared."""
    name = re.sub(r"_+c$", "", header.strip().casefold())
    return re.sub(r"[\W_]+", "", name.removeprefix("property_"))


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_SEGMENTS: Mapping[str, tuple[str, ...]] = {
    "country": _names("country countryregion billingcountry countrycode companycountry land"),
    "region": _names("region salesregion regionaloffice upregion"),
    "state": _names("state stateprovince stateregion billingstate"),
    "industry": _names("industry sector businesssegment branche"),
    "employees": _names("employees numberofemployees noofemployees numemployees companysize employeecount"),
    "annual_revenue": _names("annualrevenue"),
    "lead_type": _names("leadtype"),
    "product": _names("product productname productfamily productinterest"),
    "team": _names("team hubspotteam hubspotteamid teamid salesteam"),
    "manager": _names("manager salesmanager managerid"),
    "deal_type": _names("dealtype opportunitytype"),
    "landing_page": _names("landingpage landingpageid"),
    "campaign": _names("campaign campaignid primarycampaignsource hscampaign utmcampaign campaignname"),
}
#: What a lead did, beside its type.
_ENGAGEMENT: Mapping[str, tuple[str, ...]] = {
    "form": _names("form formname firstconversion hsfirstconversioneventname recentconversion"),
    "score": _names("score leadscore hubspotscore leadscoring scoring"),
}
#: What somebody is, or what only a talk with them tells. No fields: of such columns only what many leads share is kept,
#: so that what a rule on them would cost can be shown.
OF_A_PERSON: Mapping[str, tuple[str, ...]] = {
    "job_title": _names("title jobtitle"),
    "seniority": _names("seniority hsseniority joblevel senioritylevel managementlevel"),
    "department": _names("department jobfunction hsjobfunction"),
    "job_role": _names("jobrole hsrole buyingrole hsbuyingrole"),
    "budget": _names("budget hasbudget"),
    "authority": _names("authority decisionmaker"),
    "need": _names("need"),
    "timeline": _names("timeline timeframe purchasetimeframe hstimeframe"),
}
_OWNER = _names(
    "owner ownerid hubspotownerid leadowner contactowner opportunityowner dealowner potentialowner accountowner"
    " owneremployeeid assignedto salesagent salesrep rep accountexecutive ownername srid taskowner"
)
_SOURCE = _names("source sourcedby")
_LEAD_SOURCE = _names(
    "leadsource originalsource originalsourcetype hsanalyticssource latestsource acquisitionsource origin"
    " leadsourcedetail channel marketingchannel leadchannel utmsource quelle leadquelle"
)
_CURRENCY = _names(
    "currency currencyisocode currencycode dealcurrencycode leadcurrency opportunitycurrency amountcurrency"
    " transactioncurrencyid dealcurrency dealcurrencyofvalue"
)
_CREATED = _names(
    "createdat createddate createdate createdon createdtime datecreated creationdate createdatetime erstelltam erstelldatum"
)
_DELETED = _names("isdeleted deleted fivetrandeleted")


def _entered(stage: str, *labels: str) -> tuple[str, ...]:
    """HubSpot's names for the day a record entered a lifecycle stage: both generations, internal and labels."""
    internal = (f"hsv2dateentered{stage}", f"hsdateentered{stage}", f"hslifecyclestage{stage}date")
    known = tuple(name for label in (stage, *labels) for name in (
        f"dateentered{label}lifecyclestagepipeline", f"dateentered{label}", f"becamea{label}date", f"becamean{label}date",
        f"becamea{label}", f"becamean{label}", f"datumdeseintrittsin{label}lifecyclestagepipeline", f"wurde{label}datum",
        f"{label}date", f"date{label}",
    ))  # fmt: skip
    return (*internal, *known)


_MQL = (
    *_names("mqlat mqldate datemql becamemql becameamql becameanmql becamemqldate becamemqlon becameamqlon becameanmqlon"
            " mqldatetime mqltimestamp mqlcreateddate mqlcreated dateofmql mqlon mqldatum firstmqldate datebecamemql"),
    *_entered("marketingqualifiedlead", "mql"),
)  # fmt: skip
_SQL = (
    *_names("sqlat sqldate datesql becamesql becameasql becameansql becamesqldate becamesqlon becameasqlon becameansqlon"
            " sqldatetime sqltimestamp sqlcreateddate sqlcreated dateofsql sqlon sqldatum firstsqldate datebecamesql"),
    *_entered("salesqualifiedlead", "sql"),
)  # fmt: skip
_OPPORTUNITY = (
    *_names("opportunityat opportunitydate opportunitycreateddate opportunitycreatedon becameopportunity becameanopportunity"
            " convertedat becameopportunitydate"),
    *_entered("opportunity"),
    *_names("converteddate conversiondate dateconverted"),
)  # fmt: skip
_WON = (
    *_names("wonat wondate closedwondate datewon wontime won customerdate becamecustomer"),
    *_entered("customer", "kunde"),
)

FIELDS: Mapping[Kind, Mapping[str, tuple[str, ...]]] = {
    "leads": {
        "lead_id": _names("leadid id recordid contactid hsobjectid mqlid prospectid leadnumber vid"),
        "created_at": (*_CREATED, *_names("leadcreateddate leadcreated leadcreatedat leadcreateddatetime leadcreateddateandtime")),
        "source": _SOURCE,
        "lead_source": _LEAD_SOURCE,
        "mql_at": _MQL,
        "sql_at": _SQL,
        "opportunity_at": _OPPORTUNITY,
        "won_at": _WON,
        "lost_at": _names("lostat lostdate datelost disqualifieddate disqualifiedat unqualifieddate closedlostdate disqualifiedon"),
        "assigned_at": _names("assignedat assigneddate dateassigned ownerassigneddate hubspotownerassigneddate leadassigneddate assignmentdate"
                              " leadassignedat ownerassignedat ownerassignedon"),
        "deal_id": _names("dealid convertedopportunityid opportunityid convertedopportunity associateddealid associateddealids"),
        "amount": _names("amount totalrevenue recentdealamount opportunityamount dealamount"),
        "currency": _CURRENCY,
        "owner": _OWNER,
        "account": _names("account accountid convertedaccountid associatedcompanyid companyid"),
        **_SEGMENTS,
        **_ENGAGEMENT,
        "is_deleted": _DELETED,
    },
    "deals": {
        "deal_id": _names("dealid opportunityid id recordid hsobjectid opportunitynumber potentialid sellerid"),
        "lead_id": _names("leadid originatingleadid convertedleadid sourceleadid mqlid primarycontactid contactid associatedcontactids"),
        "created_at": (*_CREATED, *_names("dealdealcreated dealcreated dealcreateddate opportunitycreateddate engagedate opendate")),
        "closed_at": _names("closedat closedate closeddate closingdate actualclosedate dealdealclosedon dealclosedon accepteddecisiondate"
                            " dateclosed closedon abschlussdatum"),
        "won_date": _names("wonat wondate hsclosedwondate closedwondate datewon dealwontime wontime"),
        "is_won": _names("iswon won hsisclosedwon isclosedwon isaccepted closedwon"),
        "is_closed": _names("isclosed closed hsisclosed"),
        "deal_stage": _names("dealstage stagename stage opportunitystage potentialstage salesstage status outcome dealpipelinestageid"),
        "deal_status": _names("dealstatus opportunitystatus statecode"),
        "amount": _names("amount actualvalue dealvalue closevalue dealamount opportunityamount amountinhomecurrency hsclosedamount"
                         " estimatedvalue value betrag"),
        "currency": _CURRENCY,
        "source": _SOURCE,
        "lead_source": _LEAD_SOURCE,
        "owner": _OWNER,
        "account": _names("accountid associatedcompanyid companyid account accountname dealorganization organizationname"
                          " associatedcompany customer"),
        **_SEGMENTS,
        "deal_type": (*_SEGMENTS["deal_type"], "type"),
        "is_deleted": _DELETED,
    },
    "touches": {
        "lead_id": _names("leadid whoid contactid associatedcontactids"),
        "deal_id": _names("dealid opportunityid whatid associateddealids"),
        "at": _names("at firstrespondeddate completeddatetime activitydatetime activitydate touchedat touchdate timestamp hstimestamp callstarttime"
                     " createdat createddate createdate date"),
        "kind": _names("kind touchtype tasksubtype type activitytype tasktype hsactivitytype channel"),
        "source": _SOURCE,
        "lead_source": _LEAD_SOURCE,
        "personalised": _names("personalised personalized ispersonalised ispersonalized"),
        "owner": _OWNER,
        "is_deleted": _DELETED,
    },
    "stage_events": {
        "stage": _names("stage funnelstage lifecyclestage"),
        "at": _names("at date stagedate eventdate datereached enteredat"),
        "source": _SOURCE,
        "lead_source": _LEAD_SOURCE,
        "amount": _names("amount dealvalue value revenue closevalue dealamount opportunityamount"),
        "currency": _CURRENCY,
        "owner": _OWNER,
        "account": _names("accountid account accountname"),
        **_SEGMENTS,
        "is_deleted": _DELETED,
    },
    "funnel": {
        "quarter": _names("quarter fiscalquarter period fiscalperiod qtr"),
        "year": _names("year fiscalyear fy"),
        "source": _SOURCE,
        "lead_source": _LEAD_SOURCE,
        "mqls": _names("mqls mql mqlcount marketingqualifiedleads noofmqls numberofmqls"),
        "sqls": _names("sqls sql sqlcount salesqualifiedleads noofsqls numberofsqls"),
        "opportunities": _names("opportunities opps opportunity opportunitycount noofopportunities numberofopportunities"),
        "wins": _names("wins won closedwon deals dealswon wondeals customers noofwins numberofwins"),
        "revenue": _names("revenue amount wonamount wonrevenue closedwonamount bookings closedwonrevenue"),
        "currency": _CURRENCY,
        "owner": _OWNER,
        **_SEGMENTS,
    },
    "history": {
        "lead_id": _names("leadid contactid whoid prospectid"),
        "deal_id": _names("dealid opportunityid opportunity id"),
        "at": _names("at timestamp dateentered fivetranstart changedate changedat editdate datechanged createddate createdat createdon lastmodified"),
        "reached": _names("newvalue value tostage newstage stagename stage lifecyclestage"),
        "about": _names("field fieldevent property propertyname name"),
        "is_deleted": _DELETED,
    },
    "plan": {},  # its figures are of quarters and measures, wherever those stand; see `plan_sheet`
    "owners": {
        "owner": (*_OWNER, "employeeid", "userid", "id"),
        **{name: _SEGMENTS[name] for name in ("country", "region", "state", "product", "manager")},
        "team": (*_SEGMENTS["team"], "department", "division"),
        "role": _names("role jobrole userroleid"),
        "is_deleted": _DELETED,
    },
    "accounts": {
        "account": _names("account accountid id recordid hsobjectid companyid accountname companyname name"),
        **{name: _SEGMENTS[name] for name in ("region", "state", "employees")},
        "country": (*_SEGMENTS["country"], "officelocation"),
        "industry": (*_SEGMENTS["industry"], "type"),
        "annual_revenue": (*_SEGMENTS["annual_revenue"], "revenue"),
        "owner": _OWNER,
        "is_deleted": _DELETED,
    },
}  # fmt: skip

#: How much each header speaks for a kind.
SIGNS: Mapping[Kind, Mapping[str, int]] = {
    "leads": {
        "leadid": 2, "mqlid": 3, "prospectid": 3, "leadnumber": 1, "leadsource": 1, "isconverted": 3, "converteddate": 3,
        "convertedopportunityid": 4, "leadstatus": 2, "jobtitle": 1, "hsleadstatus": 2, "lifecyclestage": 3, "firstcontactdate": 2,
        "leadowner": 2, "contactowner": 2, "leadscore": 1, "firstconversiondate": 3, "becamealeaddate": 3, "lostat": 1,
        "hsdateenteredlead": 3, "hslifecyclestageleaddate": 3, "leadcreateddate": 2, "leadtype": 1,
        **dict.fromkeys((*_MQL, *_SQL), 4), **dict.fromkeys(_OPPORTUNITY, 2), **dict.fromkeys(_WON, 1), "won": 0,
    },
    "deals": {
        "dealid": 2, "opportunityid": 2, "stagename": 2, "dealstage": 3, "opportunitystage": 3, "iswon": 3, "isclosed": 1, "closedate": 2,
        "closedat": 3, "closingdate": 2, "amount": 2, "dealname": 2, "opportunityname": 2, "potentialname": 3,
        "potentialowner": 2, "forecastcategory": 1, "forecastcategoryname": 1, "probability": 1, "isaccepted": 3, "won": 2,
        "accepteddecisiondate": 2, "wondate": 4, "sellerid": 3, "closevalue": 2, "dealvalue": 3, "dealstatus": 3, "estimatedvalue": 2,
        "actualvalue": 2, "actualclosedate": 2, "estimatedclosedate": 2, "expectedrevenue": 1, "hsclosedwondate": 3,
        "hsisclosedwon": 3, "pipeline": 1, "dealpipelinestageid": 3, "dealowner": 2, "opportunityowner": 2, "stage": 1,
        "dealpipelineid": 2, "originatingleadid": 2, "closedwon": 1, "dealdealcreated": 2, "dealwontime": 2, "dealtype": 1,
    },
    "touches": {
        "whoid": 4, "whatid": 1, "activitydate": 3, "activitydatetime": 3, "subject": 1, "calltype": 2, "tasksubtype": 3,
        "completeddatetime": 2, "at": 2, "kind": 3, "personalised": 4, "personalized": 4, "touchtype": 4, "touchedat": 4,
        "activitytype": 4, "touchdate": 4, "leadid": 1, "tasktype": 3, "hasresponded": 4, "firstrespondeddate": 3,
    },
    "stage_events": {"stage": 1, "at": 2, "funnelstage": 3, "stagedate": 3},
    "funnel": {"quarter": 2, "fiscalquarter": 2, "mqls": 3, "sqls": 3, "opportunities": 3, "wins": 3, "mql": 1, "sql": 1,
               "mqlcount": 2, "sqlcount": 2, "revenue": 1, "qtr": 2, "opps": 2, "customers": 1, "year": 1},
    "history": {},  # told by what such tables all have, see HISTORIES
    "owners": {"salesagent": 2, "owner": 2, "ownerid": 2, "salesrep": 2, "rep": 2, "employeeid": 3, "userid": 2, "manager": 2, "team": 2,
               "teamid": 3, "regionaloffice": 2, "region": 1, "userroleid": 4, "profileid": 4, "username": 2, "role": 2,
               "department": 1, "hubspotteam": 1},
    "accounts": {"account": 2, "accountid": 2, "accountname": 2, "companyname": 1, "sector": 2, "industry": 1, "officelocation": 2,
                 "numberofemployees": 1, "employees": 1, "annualrevenue": 1, "revenue": 1, "tickersymbol": 3,
                 "accountnumber": 3, "billingcountry": 3, "parentid": 1, "subsidiaryof": 2, "sic": 1, "country": 1},
}  # fmt: skip


@dataclass(frozen=True)
class Unread:
    """A kind of export that is known and not read.

    Attributes:
        name: what it is.
        has: headers that all such files have.
        lacks: headers that none has.
        advice: what to bring instead.
    """

    name: str
    has: tuple[str, ...]
    advice: str
    lacks: tuple[str, ...] = ()


#: What every table of a kind of history has: who was when in which stage, or which field got which value.
HISTORIES: tuple[tuple[str, ...], ...] = tuple(
    map(_names, ("opportunityid stagename prevforecastupdate", "opportunityid stagename validthroughdate", "opportunityhistoryid stagename",
                 "field oldvalue newvalue", "fieldevent oldvalue newvalue", "fromstage tostage", "timestamp name value sourceid",
                 "timestamp property value", "stagename fivetranstart fivetranend",
                 "dealid dateentered value"))
)  # fmt: skip
#: What Salesforce's campaign members have: who responded to a campaign, and when.
CAMPAIGN_MEMBERS = frozenset(_names("campaignid hasresponded firstrespondeddate"))
#: Fields of a record whose history says which stage it was in; `created` is Salesforce's word for its beginning.
STAGE_FIELDS = frozenset(_names("stagename stage dealstage opportunitystage lifecyclestage status leadstatus created"))
_HISTORY = "Stage history is not read from such a table; export the records themselves."
#: What a table of leads or deals has and one of mere contacts has not, whatever addresses stand beside it.
_RECORDS = (*_MQL, *_SQL, *_names("leadid leadnumber opportunityid dealid stagename dealstage closedate whoid touchtype"
                                     " activitytype quarter fiscalquarter qtr mqls sqls mqlcount wins"))  # fmt: skip
UNREAD: tuple[Unread, ...] = (
    Unread("a table of earlier versions", _names("fivetranstart fivetranend"), _HISTORY),
    Unread("a Marketo activity log", _names("activitydate activitytypeid newvalue oldvalue"), _HISTORY),
    Unread("Salesforce opportunity contact roles", _names("opportunityid contactid role isprimary"),
           "It has no dates of its own; export Opportunities with the id of the lead."),
    Unread("Salesforce opportunity contact roles", _names("opportunityid contactid role"),
           "It has no dates of its own; export Opportunities with the id of the lead."),
    Unread("Salesforce campaigns", _names("budgetedcost actualcost numbersent"), "Export Leads and Opportunities."),
    Unread("opportunity line items", _names("opportunityid quantity unitprice"), "Export the opportunities with their amounts."),
    Unread("Salesforce quotes", _names("quotenumber expirationdate"), "Export the opportunities with their amounts."),
    Unread("Salesforce quotas", _names("quotaamount quotaquantity"), "A plan belongs in the agreement."),
    Unread("a plan with quotas per quarter", _names("quota"), "A plan belongs in the agreement, not among the results."),
    Unread("fiscal periods", _names("fiscalyearsettingsid"), "The fiscal year's first month belongs in the agreement."),
    Unread("fiscal year settings", _names("quarterlabelscheme"), "The fiscal year's first month belongs in the agreement."),
    Unread("HubSpot pipelines", _names("pipelineid label displayorder"), "Export Deals with the label of their stage."),
    Unread("a table that joins contacts and deals", _names("contactid dealid typeid"),
           "It has no dates; export Deals with the id of the contact."),
    Unread("a table of merged deals", _names("dealid mergeddealid"), "Export Deals."),
    Unread("Salesforce contacts", _names("reportstoid"),
           "It has no stage dates and no amounts; export Leads or Opportunities.", lacks=_RECORDS),
    Unread("Salesforce contacts", _names("mailingstreet"),
           "It has no stage dates and no amounts; export Leads or Opportunities.", lacks=_RECORDS),
)  # fmt: skip

#: Headers that tell which system wrote a file; the first that matches.
_SYSTEMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("Pipedrive", re.compile(r"^(Deal|Person|Organization|Activity) - \w")),
    ("HubSpot", re.compile(r"^(hs_\w+|property_\w+|Became an? .+ Date|Date entered .*|Lifecycle Stage|lifecyclestage|hubspot_owner_id"
                           r"|HubSpot Team|dealstage|Deal Stage|deal_pipeline_stage_id)$")),
    ("Zoho CRM", re.compile(r"^(Potential (Name|Owner)|Closing Date)$")),
    ("Dynamics 365", re.compile(r"^(originatingleadid|statecode|estimatedclosedate|actualclosedate|createdon)$")),
    ("Marketo", re.compile(r"^(acquisitionProgramId|originalSourceType|registrationSourceType)$")),
    ("Salesforce", re.compile(r"^(\w+__c|IsDeleted|SystemModstamp|system_modstamp|is_deleted|OwnerId|StageName|stage_name|LeadSource"
                              r"|CreatedDate|Lead Source|Lead Owner|Opportunity Owner|Lead ID|Opportunity ID|Converted Date"
                              r"|Converted Opportunity ID|ConvertedDate)$")),
)  # fmt: skip


def system_of(headers: list[str]) -> str:
    """Which system wrote a file with these headers."""
    for name, pattern in _SYSTEMS:
        if any(pattern.match(header.strip()) for header in headers):
            return name
    return "unknown"


_PERSONAL = re.compile(
    r"e?mail(?!ing(list|campaign)|marketing)|phone|telefon|mobile|^fax|^tel$|street|strasse|address|adresse"
    r"|firstname|lastname|middlename|surname|fullname|nachname|vorname|maidenname|nickname|birth|geburt|linkedin|twitter|facebook"
    r"|skype|instagram|photo|avatar|picture|description|comment|^notes?$|notes$|message|signature|aboutme|ssn|personalid|gender"
    r"|pronoun|salutation|ipaddress|^ip$|postalcode|postcode|zipcode|^zip$|latitude|longitude|contactname|personname|leadname"
    r"|assistantname|subject|nextstep|^name$|^company$|^companyname$|^website$|^url$|username|^alias$|dealname|dealtitle|opportunityname"
    r"|potentialname|person|^suffix$|jobtitle|lostreason|freetext|bemerkung|kommentar|notiz|vatid|iban|password|sendername"
)
#: Headers that the pattern hits and that are no person's.
_IMPERSONAL = frozenset({"personalised", "personalized", "ispersonalised", "ispersonalized", "persona"})


def is_personal(header: str) -> bool:
    """Whether a column of this name holds what identifies a person, or free text that may."""
    name = normalise(header)
    return name not in _IMPERSONAL and bool(_PERSONAL.search(name))


def is_email(header: str) -> bool:
    """Whether a column of this name holds the address by which a lead is known."""
    return normalise(header) in _EMAIL


_EMAIL = frozenset(
    ("email", "emailaddress", "leademail", "contactemail", "workemail", "businessemail", "emailadresse", "emailwork")
)
