"""The closed sets of words that code, screens and exports share.

Rates are 0-1, money is in the agreement's currency, counts may be fractional on the plan's side.
"""

from typing import Literal, get_args

Source = Literal["marketing", "sales", "unassigned"]
Owner = Literal["marketing", "sales", "shared", "unassigned"]
Basis = Literal["period", "cohort"]
Method = Literal["shapley", "sequential", "lmdi"]
#: Who says which leads are MQLs: the CRM's flag, or the agreement's definition.
MqlBy = Literal["crm", "agreed"]
Verdict = Literal["real", "noise", "undecided"]
#: Why a verdict is not given: too few records; what is open could turn it; no amount deal by deal; the amounts do not say how
#: much deal sizes scatter; nothing was agreed there; the segments moved one way and the whole the other; the files say
#: nothing of that side; or the quarter is not over.
Undecided = Literal["few", "open", "amounts", "scatter", "unplanned", "mix", "absent", "unfinished", "together"]
#: What a conversion's move is made of.
Part = Literal["planning_gap", "lead_mix", "follow_up", "remainder", "not_decided"]
Stage = Literal["mqls", "sqls", "opportunities", "wins"]
Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
Driver = Literal[
    "mql_volume",
    "sql_volume",
    "opportunity_volume",
    "win_volume",
    "mql_to_sql",
    "mql_to_opportunity",
    "mql_to_win",
    "sql_to_opportunity",
    "sql_to_win",
    "close_rate",
    "deal_size",
    "unassigned",
]

SOURCES: tuple[Source, ...] = get_args(Source)
BASES: tuple[Basis, ...] = get_args(Basis)
MQL_BY: tuple[MqlBy, ...] = get_args(MqlBy)
METHODS: tuple[Method, ...] = get_args(Method)
STAGES: tuple[Stage, ...] = get_args(Stage)
PARTS: tuple[Part, ...] = get_args(Part)
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
DRIVERS: tuple[Driver, ...] = get_args(Driver)

#: The stages each source's demand passes through. Sales-sourced demand begins at the SQL.
CHAIN: dict[Source, tuple[Stage, ...]] = {
    "marketing": ("mqls", "sqls", "opportunities", "wins"),
    "sales": ("sqls", "opportunities", "wins"),
    "unassigned": (),
}

#: The driver that the first stage of a chain is.
VOLUME_DRIVER: dict[Stage, Driver] = {
    "mqls": "mql_volume",
    "sqls": "sql_volume",
    "opportunities": "opportunity_volume",
    "wins": "win_volume",
}

VOLUME_STAGE: dict[Driver, Stage] = {driver: stage for stage, driver in VOLUME_DRIVER.items()}

#: The driver that leads from one stage to another.
RATE_DRIVER: dict[tuple[Stage, Stage], Driver] = {
    ("mqls", "sqls"): "mql_to_sql",
    ("mqls", "opportunities"): "mql_to_opportunity",
    ("mqls", "wins"): "mql_to_win",
    ("sqls", "opportunities"): "sql_to_opportunity",
    ("sqls", "wins"): "sql_to_win",
    ("opportunities", "wins"): "close_rate",
}

RATE_DRIVERS: frozenset[Driver] = frozenset(RATE_DRIVER.values())
VOLUME_DRIVERS: frozenset[Driver] = frozenset(VOLUME_DRIVER.values())

#: What stands in place of a source and of a driver in the bridge's row of an amendment.
AMENDMENT = "amendment"
