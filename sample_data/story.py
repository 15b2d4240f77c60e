"""STORY.md: the planted causes in words, with the numbers that the files hold."""

from itertools import pairwise
from typing import Any

TEXT = """\
# The sample company and its story

Northwind Analytics is a made-up B2B software firm. Nobody in these files exists; every name, address,
number and amount comes from `make.py` (seed {seed}). Licence: Apache-2.0, like the rest of the project.

`python -m sample_data.make` writes the exports, `truth.json` and this file again, byte for byte. Eight
calendar quarters, 2024-Q4 to 2026-Q3, exported on {as_of}, all times UTC. `agreement.toml` is what both
sides signed for 2026-Q3; it is written by hand.

| file | a row is |
|---|---|
| `salesforce_leads.csv` | a lead of marketing or of sales, with its MQL, SQL and disqualification dates |
| `salesforce_opportunities.csv` | an opportunity, linked to its lead by `Lead_Id__c` |
| `salesforce_tasks.csv` | a completed call or e-mail, linked to its lead by `WhoId` |
| `hubspot_contacts.csv` | the same leads, without those that sales found, as marketing's system has them |

## What happened in 2026-Q3

The agreement asks for 1,660,500: half from marketing (205 MQLs, 60% of them SQLs, 50% of those
opportunities, 45% of those won, 30,000 each), half from sales (123 SQLs, the same rates and size). The
files hold {revenue:,} in total.

1. **MQLs slightly short.** {mqls} against 205.
2. **MQL→SQL collapsed.** {period_rate:.1%} on period basis and {cohort_rate:.1%} on cohort basis so far
   ({open} of the quarter's MQLs are still open), against 60% agreed and about {usual:.0%} in every quarter
   before: the agreed rate was {planning_gap:.1f} points above what the firm ever ran. Planted rate:
   {planted:.1%}, which is {drop:.1f} points below the usual one, for two reasons:
   - **Follow-up slipped in EMEA: {follow_up:+.1f} points.** One of three representatives left at the end of
     June and was not replaced. Of EMEA's MQLs {emea_late:.0%} were touched late and thinly (first touch
     after two working days or more, one or two attempts), or never; usual is {usual_late:.0%}. EMEA's
     MQL→SQL is {emea:.1%} so far (planted {emea_planted:.1%}), the other regions' {others:.1%} (planted
     {others_planted:.1%}).
   - **The lead mix moved, in all regions: {mix:+.1f} points.** Demo requests fell from 35% to {demo:.0%} of
     MQLs; webinars and e-books, which convert less, rose from 45% to {content:.0%}.
   - Like leads with like follow-up were drawn with the same probabilities as before.
3. **SQL→opportunity unchanged.** {sql_to_opportunity:.1%} against 50% agreed and planted.
4. **Close rate within noise.** {close_rate:.1%} against 45% agreed; {close_rate_planted:.1%} planted
   throughout.
5. **Deal size up.** {deal_size:,.0f} per win against 30,000; 33,000 planted.
6. **Sales about on plan.** {sales_sqls} SQLs, {sales_opportunities} opportunities, {sales_wins} wins,
   {sales_revenue:,} against 830,250.
7. **A little that nobody owns.** Leads with an empty or unlisted source: {un_mqls} MQLs, {un_wins} wins,
   {un_revenue:,} of revenue; some earlier quarters have one small win.

## What was planted

MQL→SQL depends on the lead type and on the follow-up, on nothing else. A lead followed up as agreed becomes
an SQL with probability {prompt}; late and thin follow-up leaves {late:.0%} of that, no follow-up nothing.
Demo requests are always worked first, so lead type and speed go together: compare like with like.
SQL→opportunity is {sto:.0%} and opportunity→won {close_rate_planted:.1%}, everywhere and always. Deal sizes
are lognormal.

Outcomes are drawn by systematic sampling and the seed was picked out of some 2,500, so that counts lie
close to what was planted; a real company's quarters scatter more, and a test of how often chance is blamed
needs other data. Nothing is carried into the first quarter, so its period counts lag its cohort's. The
sales cycle lengthens from {first_days} to {last_days} days (median). The nine days of October after the
last quarter went on like it.

### Period basis: events dated in the quarter

{period}

### Cohort basis: marketing's MQLs of the quarter, up to {as_of}

{cohort}
"""


def _table(header: str, rows: list[list[str]]) -> str:
    names = header.split("|")
    lines = [names, ["---"] + ["---:"] * (len(names) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _rate(part: float, whole: float) -> str:
    return f"{part / whole:.1%}"


def _period_table(quarters: dict[str, Any]) -> str:
    rows = []
    for name, quarter in quarters.items():
        m, s, u = (quarter["period"][origin] for origin in ("marketing", "sales", "unassigned"))
        stages = ("mqls", "sqls", "opportunities", "wins")
        rows.append(
            [name]
            + [str(m[stage]) for stage in stages]
            + [_rate(m[after], m[before]) for before, after in pairwise(stages)]
            + [f"{m['revenue'] / m['wins']:,.0f}", f"{m['revenue']:,}"]
            + [f"{s['sqls']} / {s['opportunities']} / {s['wins']}", f"{s['revenue']:,}", f"{u['revenue']:,}"]
        )
    return _table(
        "quarter|MQLs|SQLs|opps|wins|MQL→SQL|SQL→opp|close|deal size|revenue"
        "|sales: SQLs / opps / wins|revenue|unassigned",
        rows,
    )


def _cohort_table(quarters: dict[str, Any]) -> str:
    rows = []
    for name, quarter in quarters.items():
        total, regions, kinds = (quarter[k] for k in ("cohort", "cohort_by_region", "cohort_by_lead_type"))
        late, emea = regions["EMEA"]["late_or_never_touched"], regions["EMEA"]["mqls"]
        others = total["late_or_never_touched"] - late
        rows.append(
            [name, f"{total['mqls']}", f"{total['sqls']}", f"{total['open']}"]
            + [_rate(part["sqls"], part["mqls"]) for part in (total, *regions.values(), *kinds.values())]
            + [_rate(late, emea), _rate(others, total["mqls"] - emea)]
        )
    regions, kinds = next((q["cohort_by_region"], q["cohort_by_lead_type"]) for q in quarters.values())
    header = ["quarter", "MQLs", "SQLs", "open", "MQL→SQL", *regions, *kinds, "late EMEA", "late elsewhere"]
    return _table("|".join(header), rows)


def story(truth: dict[str, Any]) -> str:
    """The text of STORY.md, from what `truth.json` holds."""
    quarters = truth["quarters"]
    names = list(quarters)
    last, before = quarters[names[-1]], quarters[names[-2]]
    planted, period, cohort = last["planted"], last["period"], last["cohort"]
    m, s, u = (period[origin] for origin in ("marketing", "sales", "unassigned"))
    emea = last["cohort_by_region"]["EMEA"]
    usual = before["planted"]["mql_to_sql"]
    shares = truth["region_share"]
    by_region = planted["mql_to_sql_by_region"]
    outside = {region: share for region, share in shares.items() if region != "EMEA"}
    earlier = [quarters[name]["cohort"] for name in names[:-1]]
    return TEXT.format(
        seed=truth["seed"],
        as_of=truth["as_of"],
        revenue=m["revenue"] + s["revenue"] + u["revenue"],
        mqls=m["mqls"],
        period_rate=m["sqls"] / m["mqls"],
        cohort_rate=cohort["sqls"] / cohort["mqls"],
        open=cohort["open"],
        usual=usual,
        planning_gap=100 * (0.60 - usual),
        planted=planted["mql_to_sql"],
        drop=100 * (usual - planted["mql_to_sql"]),
        follow_up=100 * planted["mql_to_sql_follow_up"],
        mix=100 * planted["mql_to_sql_lead_mix"],
        emea=emea["sqls"] / emea["mqls"],
        emea_late=emea["late_or_never_touched"] / emea["mqls"],
        usual_late=sum(c["late_or_never_touched"] for c in earlier) / sum(c["mqls"] for c in earlier),
        emea_planted=by_region["EMEA"],
        others=(cohort["sqls"] - emea["sqls"]) / (cohort["mqls"] - emea["mqls"]),
        others_planted=sum(outside[r] * by_region[r] for r in outside) / sum(outside.values()),
        demo=planted["lead_type_share"]["Demo request"],
        content=planted["lead_type_share"]["Webinar"] + planted["lead_type_share"]["E-book"],
        sql_to_opportunity=m["opportunities"] / m["sqls"],
        close_rate=m["wins"] / m["opportunities"],
        close_rate_planted=planted["close_rate"],
        deal_size=m["revenue"] / m["wins"],
        sales_sqls=s["sqls"],
        sales_opportunities=s["opportunities"],
        sales_wins=s["wins"],
        sales_revenue=s["revenue"],
        un_mqls=u["mqls"],
        un_wins=u["wins"],
        un_revenue=u["revenue"],
        prompt=", ".join(f"{p:.1%} ({kind.lower()})" for kind, p in truth["mql_to_sql_when_prompt"].items()),
        late=truth["follow_up_factor"]["late"],
        sto=planted["sql_to_opportunity"],
        first_days=quarters[names[0]]["planted"]["median_days_to_close"],
        last_days=planted["median_days_to_close"],
        period=_period_table(quarters),
        cohort=_cohort_table(quarters),
    )
