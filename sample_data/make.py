"""Writes the sample company's files: `python -m sample_data.make [folder]`, the same bytes every time."""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from sample_data import exports
from sample_data.company import (
    AS_OF,
    CLOSE_RATE,
    FOLLOW_UP_FACTOR,
    LAST,
    LEAD_TYPES,
    PLANTED,
    PROMPT_RATE,
    REGIONS,
    SEED,
    SQL_TO_OPPORTUNITY,
    Causes,
    Lead,
    make_company,
    quarter_of,
)
from sample_data.exports import Row, happened
from sample_data.story import story

EXPORTS: dict[str, Callable[[Iterable[Lead]], Iterable[Row]]] = {
    "salesforce_leads.csv": exports.salesforce_leads,
    "salesforce_opportunities.csv": exports.salesforce_opportunities,
    "salesforce_tasks.csv": exports.salesforce_tasks,
    "hubspot_contacts.csv": exports.hubspot_contacts,
}


def _csv(rows: Iterable[Row]) -> str:
    listed, text = list(rows), io.StringIO()
    writer = csv.DictWriter(text, list(listed[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(listed)
    return text.getvalue()


def _planted(causes: Causes) -> dict[str, object]:
    usual = PLANTED[-2].mql_to_sql
    mixed = replace(causes, slipped_regions=()).mql_to_sql
    return {
        "mqls": causes.mqls,
        "sales_sqls": causes.sales_sqls,
        "mql_to_sql": round(causes.mql_to_sql, 4),
        "mql_to_sql_lead_mix": round(mixed - usual, 4),
        "mql_to_sql_follow_up": round(causes.mql_to_sql - mixed, 4),
        "mql_to_sql_by_region": {region: round(causes.region_rate(region), 4) for region in REGIONS},
        "sql_to_opportunity": SQL_TO_OPPORTUNITY,
        "close_rate": CLOSE_RATE,
        "deal_size": causes.deal_size,
        "lead_type_share": causes.mix,
        "prompt_follow_up": {
            region: {kind: causes.follow_up(region, kind)[0] for kind in LEAD_TYPES} for region in REGIONS
        },
        "median_days_to_close": causes.days_to_close,
    }


def _period(leads: Sequence[Lead], quarter: str) -> dict[str, int]:
    """What happened in a quarter, whatever quarter it started in."""

    def in_quarter(moment: object) -> bool:
        return happened(moment) is not None and quarter_of(moment) == quarter

    wins = [lead for lead in leads if lead.won and in_quarter(lead.closed)]
    return {
        "mqls": sum(in_quarter(lead.mql) for lead in leads),
        "sqls": sum(in_quarter(lead.sql) for lead in leads),
        "opportunities": sum(in_quarter(lead.opportunity) for lead in leads),
        "wins": len(wins),
        "revenue": sum(lead.amount for lead in wins),
    }


def _so_far(mqls: Sequence[Lead]) -> dict[str, int]:
    """What became of some MQLs up to the day of the export."""
    return {
        "mqls": len(mqls),
        "sqls": sum(happened(lead.sql) is not None for lead in mqls),
        "opportunities": sum(happened(lead.opportunity) is not None for lead in mqls),
        "wins": sum(lead.won and happened(lead.closed) is not None for lead in mqls),
        "open": sum(not happened(lead.sql) and not happened(lead.given_up) for lead in mqls),
        "late_or_never_touched": sum(lead.follow_up != "prompt" for lead in mqls),
    }


def truth(leads: Sequence[Lead]) -> dict[str, object]:
    """What was planted in each quarter, and what the files then hold."""
    quarters = {}
    for causes in PLANTED:
        mqls = [
            lead for lead in leads if lead.origin == "marketing" and lead.mql and quarter_of(lead.mql) == causes.quarter
        ]
        quarters[causes.quarter] = {
            "planted": _planted(causes),
            "period": {
                origin: _period([lead for lead in leads if lead.origin == origin], causes.quarter)
                for origin in ("marketing", "sales", "unassigned")
            },
            "cohort": _so_far(mqls),
            "cohort_by_region": {
                region: _so_far([lead for lead in mqls if lead.region == region]) for region in REGIONS
            },
            "cohort_by_lead_type": {
                kind: _so_far([lead for lead in mqls if lead.lead_type == kind]) for kind in LEAD_TYPES
            },
        }
    return {
        "seed": SEED,
        "as_of": f"{AS_OF:%Y-%m-%d}",
        "last_quarter": LAST.quarter,
        "mql_to_sql_when_prompt": PROMPT_RATE,
        "follow_up_factor": FOLLOW_UP_FACTOR,
        "region_share": REGIONS,
        "quarters": quarters,
    }


def make_files() -> dict[str, str]:
    """The text of every file, by name."""
    leads = make_company()
    files = {name: _csv(export(leads)) for name, export in EXPORTS.items()}
    known = truth(leads)
    files["truth.json"] = json.dumps(known, indent=1) + "\n"
    files["STORY.md"] = story(known)
    return files


def main(folder: Path) -> None:
    """Write every file into a folder."""
    for name, text in make_files().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
