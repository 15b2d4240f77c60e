"""Exports of a large company, from their bytes to the funnel: `python -m bench.csv_funnel`.

1,000,000 leads of 15 columns, counted by quarter x source x region; and again with 5,000,000 follow-up touches,
joined for the hours to each lead's first. The product's own way against bare DuckDB, which parses the same columns
to the same types and keeps the same tables, and against pandas doing the same. DuckDB without keeping the tables
is shown as well: the least that such a question costs when nothing else is ever asked of the files.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import TYPE_CHECKING, Any

from bench.harness import Run, Stopwatch, alternate, fresh, heading, median, peak, table, verdict

if TYPE_CHECKING:
    import pandas as pd

LEADS, TOUCHES = 1_000_000, 5_000_000
BOUND = 1.3
MARKETING = ("Website", "Paid Search", "Webinar", "Trade Show")
SALES = ("Cold Call", "SDR Outbound")
LEAD_SOURCES = (*MARKETING, *SALES, "Partner", "Other")
REGIONS = ("EMEA", "North America", "APAC", "LATAM", "Nordics", "Middle East")
STAGES = {"mqls": "mql_at", "sqls": "sql_at", "opportunities": "opportunity_at", "wins": "won_at"}

#: The columns of the files: header, the product's name and the type that it is parsed to.
LEAD_COLUMNS = (
    ("Lead ID", "lead_id", "VARCHAR"), ("Created Date", "created_at", "TIMESTAMPTZ"), ("Lead Source", "lead_source", "VARCHAR"),
    ("Region", "region", "VARCHAR"), ("Country", "country", "VARCHAR"), ("Industry", "industry", "VARCHAR"),
    ("Employees", "employees", "VARCHAR"), ("Annual Revenue", "annual_revenue", "VARCHAR"), ("Lead Type", "lead_type", "VARCHAR"),
    ("Lead Owner", "owner", "VARCHAR"), ("MQL Date", "mql_at", "TIMESTAMPTZ"), ("SQL Date", "sql_at", "TIMESTAMPTZ"),
    ("Opportunity Date", "opportunity_at", "TIMESTAMPTZ"), ("Won Date", "won_at", "TIMESTAMPTZ"), ("Amount", "amount", "DECIMAL(18, 4)"),
)  # fmt: skip
TOUCH_COLUMNS = (
    ("Lead ID", "lead_id", "VARCHAR"), ("Completed Date/Time", "at", "TIMESTAMPTZ"), ("Task Subtype", "kind", "VARCHAR"),
    ("Personalised", "personalised", "BOOLEAN"), ("Assigned To", "owner", "VARCHAR"),
)  # fmt: skip


def make(folder: Path) -> None:
    """Write the files: every value follows from its row's number."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")

    def pick(values: tuple[str, ...], salt: int) -> str:
        return f"{list(values)}[1 + (hash(i * 64 + {salt}) % {len(values)})::INT]"

    def chance(salt: int) -> str:
        return f"((hash(i * 64 + {salt}) % 1000000) / 1e6)"

    def later(at: str, days: int, salt: int) -> str:
        return f"{at} + to_seconds(({chance(salt)} * {days} * 86400)::INT)"

    def written(at: str) -> str:
        return f"strftime({at}, '%Y-%m-%dT%H:%M:%SZ')"

    names = [header for header, *_ in LEAD_COLUMNS]
    values = [
        "'00Q' || lpad(i::VARCHAR, 12, '0')", written("c"), pick(LEAD_SOURCES, 1), pick(REGIONS, 2),
        pick(("United States", "Germany", "Sweden", "Japan", "Brazil", "Kenya"), 3),
        pick(("Software", "Retail, wholesale", "Manufacturing", "Health"), 4), f"(10 + {chance(5)} * 5000)::INT",
        f"(100000 + {chance(6)} * 1e8)::INT", pick(("Demo request", "E-book", "Webinar"), 7),
        "'005' || lpad((hash(i) % 200)::VARCHAR, 12, '0')", written("m"), written("s"), written("o"), written("w"),
        f"CASE WHEN w IS NOT NULL THEN (20000 + {chance(8)} * 30000)::DECIMAL(18, 2) END",
    ]  # fmt: skip
    columns = ", ".join(f'{value} AS "{name}"' for name, value in zip(names, values, strict=True))
    steps = (
        f"SELECT i, c, CASE WHEN {chance(11)} < 0.6 THEN {later('c', 10, 12)} END AS m FROM ("
        f"SELECT i, {later('TIMESTAMP ' + chr(39) + '2024-01-01' + chr(39), 700, 10)} AS c FROM range({LEADS}) rows(i))"
    )
    steps = f"SELECT *, CASE WHEN {chance(13)} < 0.5 THEN {later('m', 20, 14)} END AS s FROM ({steps})"
    steps = f"SELECT *, CASE WHEN {chance(15)} < 0.5 THEN {later('s', 30, 16)} END AS o FROM ({steps})"
    steps = f"SELECT *, CASE WHEN {chance(17)} < 0.4 THEN {later('o', 90, 18)} END AS w FROM ({steps})"
    connection.execute(f"COPY (SELECT {columns} FROM ({steps}) ORDER BY i) TO '{folder / 'leads.csv'}' (HEADER)")
    lead = f"(hash(i * 64 + 20) % {LEADS // 10 * 9})"
    values = [
        f"'00Q' || lpad({lead}::VARCHAR, 12, '0')",
        written(later("TIMESTAMP '2024-01-01'", 720, 21)), pick(("Call", "Email", "Task"), 22), f"{chance(23)} < 0.5",
        "'005' || lpad((hash(i) % 200)::VARCHAR, 12, '0')",
    ]  # fmt: skip
    names = [header for header, *_ in TOUCH_COLUMNS]
    columns = ", ".join(f'{value} AS "{name}"' for name, value in zip(names, values, strict=True))
    connection.execute(f"COPY (SELECT {columns} FROM range({TOUCHES}) rows(i)) TO '{folder / 'touches.csv'}' (HEADER)")


Answer = dict[str, list[list[Any]]]


def rounded(funnel: "pd.DataFrame", response: "pd.DataFrame | None") -> Answer:
    """Both results as rows in one order: counts exact, money to the cent, hours to the second."""
    keys = ["quarter", "source", "region"]
    funnel = funnel.sort_values(keys)[[*keys, *STAGES, "revenue"]].reset_index(drop=True)
    funnel.loc[funnel["source"] == "sales", "mqls"] = 0  # sales' demand begins with SQLs: the product shows no MQLs
    answer = {
        "funnel": [[*row[:7], round(row[7], 2)] for row in funnel.astype(dict.fromkeys(STAGES, int)).values.tolist()]
    }
    if response is not None:
        response = response.sort_values(keys)[[*keys, "leads", "touched", "hours"]]
        answer["response"] = [[*row[:5], round(row[5] * 3600)] for row in response.values.tolist()]
    return answer


def product(folder: Path, with_touches: bool, *, uploaded: bool = False) -> None:
    """The files where they lie, as all others take them; or `uploaded`, as bytes in memory that are handed over first."""
    import ibis

    from alignment_core.agreement import Sourcing
    from alignment_core.data import Data
    from alignment_core.events import local
    from alignment_core.funnel import count_funnel
    from alignment_core.imports import InputFile, keep_one_ready, read_files
    from alignment_core.quarters import Calendar

    keep_one_ready()  # as the app does at its start
    sleep(2)
    sourcing = Sourcing(marketing=MARKETING, sales=SALES)
    names = ("leads.csv", "touches.csv") if with_touches else ("leads.csv",)
    watch = Stopwatch()
    with watch.phase("bytes"):
        paths = [folder / name for name in names]
        contents = [InputFile(path.name, path.read_bytes() if uploaded else path) for path in paths]
    with watch.phase("read"):
        imported = read_files(contents)
        del contents
    with watch.phase("load"):
        data = Data(imported.tables, imported.quality)
    with watch.phase("count"):
        frame = count_funnel(data.engine, sourcing, Calendar(), by="region").frame
    response = None
    if with_touches:
        with watch.phase("first response"):
            leads, touches = data.engine.table("leads"), data.engine.table("touches")
            firsts = touches.group_by("lead_id").aggregate(first=touches["at"].min())
            joined = leads.left_join(firsts, "lead_id")
            created, first = (local(joined[name], Calendar()) for name in ("created_at", "first"))
            side = ibis.cases(
                (joined.lead_source.isin(MARKETING), "marketing"),
                (joined.lead_source.isin(SALES), "sales"),
                else_="unassigned",
            )
            response = data.engine.run(
                joined.mutate(
                    quarter=(created.year() * 12 + created.month() - 1) // 3,
                    source=side,
                    hours=(first.epoch_seconds() - created.epoch_seconds()) / 3600,
                )
                .group_by("quarter", "source", "region")
                .aggregate(leads=ibis._.count(), touched=ibis._["first"].count(), hours=ibis._.hours.sum())
            )
    frame = frame.rename(columns={"segment": "region"})
    frame["quarter"] = [quarter.ordinal for quarter in frame["quarter"]]
    assert imported.quality.rows_used == LEADS + (TOUCHES if with_touches else 0)
    watch.finish(rounded(frame, response))


def product_uploaded(folder: Path, with_touches: bool) -> None:
    product(folder, with_touches, uploaded=True)


SIDE = (
    f"CASE WHEN lead_source IN {MARKETING} THEN 'marketing' WHEN lead_source IN {SALES} THEN 'sales' "
    "ELSE 'unassigned' END AS source"
)


def _quarter(at: str) -> str:
    """All dates are in UTC, so they need no calendar of DuckDB's ICU extension, which is twenty times as slow."""
    clock = f"make_timestamp(epoch_us({at}))"
    return f"(year({clock}) * 12 + month({clock}) - 1) // 3 AS quarter"


def _funnel_sql(one_pass: bool) -> str:
    """One pass over the leads is quicker where each is a pass over the file, four are where they are in memory."""
    if one_pass:
        reached = ", ".join(STAGES.values())
        events = (
            f"SELECT {_quarter('reached')}, source, region, stage, amount FROM (SELECT {SIDE}, region, "
            f"unnest([{reached}]) AS reached, unnest({list(STAGES)}) AS stage, "
            "unnest([NULL, NULL, NULL, amount]) AS amount FROM leads) WHERE reached IS NOT NULL"
        )
    else:
        events = " UNION ALL ".join(
            f"SELECT {_quarter(at)}, {SIDE}, region, '{stage}' AS stage, {'amount' if stage == 'wins' else 'NULL'} AS amount "
            f"FROM leads WHERE {at} IS NOT NULL"
            for stage, at in STAGES.items()
        )
    counts = ", ".join(f"count(*) FILTER (stage = '{stage}') AS {stage}" for stage in STAGES)
    return f"SELECT quarter, source, region, {counts}, sum(amount)::DOUBLE AS revenue FROM ({events}) GROUP BY ALL"


def _response_sql() -> str:
    return (
        f"SELECT {_quarter('created_at')}, {SIDE}, region, count(*) AS leads, count(first) AS touched, "
        f"sum(epoch(first) - epoch(created_at)) / 3600 AS hours FROM leads LEFT JOIN "
        '(SELECT lead_id, min("at") AS first FROM touches GROUP BY lead_id) USING (lead_id) GROUP BY ALL'
    )


def _csv(path: Path, columns: tuple[tuple[str, str, str], ...]) -> str:
    types = ", ".join(f"'{name}': '{type_}'" for _, name, type_ in columns)
    return f"read_csv('{path}', header = true, auto_detect = false, delim = ',', quote = '\"', columns = {{{types}}})"


def duckdb_typed(folder: Path, with_touches: bool, *, keep: bool = True) -> None:
    import duckdb
    import pandas  # noqa: F401 the result is a frame of it: loading it is no part of the question

    watch = Stopwatch()
    response = None
    sources = {
        "leads": _csv(folder / "leads.csv", LEAD_COLUMNS),
        "touches": _csv(folder / "touches.csv", TOUCH_COLUMNS),
    }
    with watch.phase("read"):
        connection = duckdb.connect()
        connection.execute("SET TimeZone = 'UTC'")
        for name in ("leads", "touches")[: 1 + with_touches]:
            kind = "TABLE" if keep else "VIEW"
            connection.execute(f"CREATE {kind} {name} AS FROM {sources[name]}")
    with watch.phase("count"):
        funnel = connection.execute(_funnel_sql(one_pass=not keep)).df()
    if with_touches:
        with watch.phase("first response"):
            response = connection.execute(_response_sql()).df()
    watch.finish(rounded(funnel, response))


def duckdb_streamed(folder: Path, with_touches: bool) -> None:
    duckdb_typed(folder, with_touches, keep=False)


def pandas_typed(folder: Path, with_touches: bool) -> None:
    import pandas as pd
    import pyarrow.csv  # noqa: F401 what pandas parses with

    def read(path: Path, columns: tuple[tuple[str, str, str], ...]) -> pd.DataFrame:
        """The fastest way that pandas has: of its engines, whether it is told of the dates, and Arrow's types."""
        texts = {header: "str" for header, _, type_ in columns if type_ == "VARCHAR"}
        dates = [header for header, _, type_ in columns if type_ == "TIMESTAMPTZ"]
        frame = pd.read_csv(path, engine="pyarrow", dtype=texts, parse_dates=dates)
        return frame.set_axis([name for _, name, _ in columns], axis=1)

    def quarter(at: pd.Series) -> pd.Series:
        return (at.dt.year * 12 + at.dt.month - 1) // 3

    watch = Stopwatch()
    response = None
    with watch.phase("read"):
        leads = read(folder / "leads.csv", LEAD_COLUMNS)
        touches = read(folder / "touches.csv", TOUCH_COLUMNS) if with_touches else None
    with watch.phase("count"):
        side = dict.fromkeys(MARKETING, "marketing") | dict.fromkeys(SALES, "sales")
        leads["source"] = leads["lead_source"].map(side).fillna("unassigned")
        parts = []
        for stage, at in STAGES.items():
            reached = leads.loc[leads[at].notna(), [at, "source", "region", "amount"]]
            grouped = reached.assign(quarter=quarter(reached[at])).groupby(["quarter", "source", "region"])
            parts.append(grouped.size().rename(stage))
            if stage == "wins":
                parts.append(grouped["amount"].sum().rename("revenue"))
        funnel = pd.concat(parts, axis=1).fillna(0).reset_index()
    if touches is not None:
        with watch.phase("first response"):
            firsts = touches.groupby("lead_id")["at"].min().rename("first")
            joined = leads.join(firsts, on="lead_id")
            hours = (joined["first"] - joined["created_at"]).dt.total_seconds() / 3600
            grouped = joined.assign(quarter=quarter(joined["created_at"]), hours=hours).groupby(
                ["quarter", "source", "region"]
            )
            response = grouped.agg(
                leads=("lead_id", "size"), touched=("first", "count"), hours=("hours", "sum")
            ).reset_index()
    watch.finish(rounded(funnel, response))


CONTESTANTS: dict[str, Callable[[Path, bool], None]] = {
    "product": product,
    "DuckDB, typed tables": duckdb_typed,
    "pandas": pandas_typed,
    "DuckDB, nothing kept": duckdb_streamed,
    "product, uploaded": product_uploaded,
}


def question(title: str, folder: Path, *, with_touches: bool) -> None:
    found: dict[str, list[Run]] = alternate("bench.csv_funnel", tuple(CONTESTANTS), folder, int(with_touches))
    own, duck, frames, _, uploaded = found.values()
    for runs in found.values():
        assert all(run.answer == own[0].answer for run in runs), "results differ"
    print(f"\n{title}; results equal ({len(own[0].answer['funnel'])} cells)")
    table(found)
    verdict("against DuckDB's typed tables", median(own) / median(duck), BOUND)
    verdict("against pandas, time", median(own) / median(frames), 1.0)
    verdict("against pandas, peak memory", peak(own) / peak(frames), 1.0)
    print(
        f"an upload, whose bytes are handed to the reading process first: {median(uploaded) / median(duck):.2f}x DuckDB's typed tables"
    )


def main() -> None:
    heading("CSV from bytes to funnel", "duckdb", "ibis-framework", "pyarrow", "pandas")
    with TemporaryDirectory() as name:
        fresh("bench.csv_funnel", "make", name)
        question(f"{LEADS:,} leads x {len(LEAD_COLUMNS)} columns", Path(name), with_touches=False)
        question(f"The same with {TOUCHES:,} touches joined", Path(name), with_touches=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"]:
        make(Path(sys.argv[2]))
        Stopwatch().finish()
    elif len(sys.argv) == 4:
        CONTESTANTS[sys.argv[1]](Path(sys.argv[2]), sys.argv[3] == "1")
    else:
        main()
