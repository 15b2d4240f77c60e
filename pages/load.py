"""Load: did the data go in right?"""

from collections.abc import Sequence

import streamlit as st

from alignment_core.amendments import Signed
from alignment_core.drafts import can_be_drafted, draft_agreement, has_amounts, last_quarter, unassigned_wins
from alignment_core.errors import DataError
from alignment_core.imports import FileReport, Imported
from alignment_core.wording import count, period
from ui.doubtful_records import doubtful_records
from ui.field_words import shortened
from ui.file_card import card
from ui.keeping import signed_for
from ui.loading import Loading, done, loading
from ui.plan_proposal import fresh_agreement
from ui.quality_report import quality_report
from ui.saved_choices import saved_choices
from ui.screen import answer, page, reasons, standing
from ui.session import Workspace, use_files, use_sample, workspace
from ui.text import plain


def main() -> None:
    here, held = workspace(), loading()
    standing(here)
    top = st.container()
    st.file_uploader(
        "CRM exports: CSV, TSV, Excel or Parquet, several at once",
        accept_multiple_files=True,
        key=held.uploader,
        on_change=held.take_in,
        help="Leads or contacts, opportunities or deals, activities; or one file per stage; or a summary by quarter. "
        "Names, e-mail addresses, phone numbers and free text are dropped while reading and never stored.",
    )
    if not held.files:
        with top:
            what_is_loaded(here)
        where_to_export()
        for report in here.files:
            card(report)
        doubtful_records(here)
        quality_report(here.data.quality)
        return
    imported = held.imported()
    with top:
        verdict(here, imported, held)
    for report in imported.files:
        card(report, held)
    quality_report(imported.quality)
    saved_choices(imported, held)


def what_is_loaded(here: Workspace) -> None:
    """Nothing is being uploaded: say what the room looks at now."""
    quality = here.data.quality
    whose = (
        "The sample company is loaded"
        if here.is_sample
        else f"{files(here.files)} {'is' if len({report.file for report in here.files}) == 1 else 'are'} loaded"
    )
    answer(
        f"{whose}: {quality.rows_used:,} of {quality.rows_read:,} rows used.",
        "Drop your CRM's exports below, as they are, to review "
        + ("your own quarter." if here.is_sample else "another quarter."),
    )
    if not here.is_sample and st.button("Back to the sample company"):
        use_sample()
        st.rerun()


def verdict(here: Workspace, imported: Imported, held: Loading) -> None:
    """Whether everything was understood, and the way on."""
    waiting = imported.refused
    quality = imported.quality
    if waiting:
        names = shortened(", ".join(report.name for report in waiting), 200)
        number = len({report.file for report in waiting})
        answer(
            f"{number} of {files(imported.files)} {'needs' if number == 1 else 'need'} you.",
            f"{names}: see below. Nothing is reviewed until each file is understood, or taken out.",
        )
        return
    answer(
        f"{files(imported.files)} understood: {quality.rows_used:,} of {quality.rows_read:,} rows used.",
        f"{quality.rows_set_aside:,} {'row is' if quality.rows_set_aside == 1 else 'rows are'} set aside, with the reason of each below."
        if quality.rows_set_aside
        else "No row is set aside.",
    )
    if not imported.tables and any(report.kind == "plan" for report in imported.files):
        st.caption("A plan alone cannot be reviewed: load what the quarter brought as well.")
        return
    data = held.data()
    try:
        latest = last_quarter(data, here.agreement)
    except DataError as error:
        reasons(error, "These files cannot be reviewed yet:")
        return
    drafted = can_be_drafted(data, here.agreement)
    signed = {f"signed {place}": each for place, each in enumerate(signed_for(data))}
    choice = st.radio(
        "Hold them against",
        [*signed, *(["draft"] if drafted else []), "current"],
        format_func={
            **{name: signed_label(each) for name, each in signed.items()},
            "draft": f"a draft for {period(latest)}, made from what {period(latest.previous)} brought",
            "current": f"the agreement of {plain(here.agreement.company)} for {period(here.agreement.fiscal_quarter)}",
        }.__getitem__,
        index=0 if signed or here.is_sample or not drafted else 1,
        key="hold_against",
    )
    if not drafted:
        st.caption(
            f"No agreement can be drafted: the files have nothing before {period(latest)}. Write yours on the page Agree."
        )
    base = fresh_agreement(here)
    unassigned = unassigned_wins(data, base)
    otherwise = base.sourcing.otherwise
    if unassigned and choice == "draft":
        otherwise = st.radio(
            f"{count(unassigned)} wins have no lead source that is known to be marketing's or sales'. Count them as",
            ["marketing", "sales", "unassigned"],
            index=None,
            horizontal=True,
            key="otherwise",
            help="Single lead sources can be given to a side on the page Agree.",
        )
    worth, is_asked = None, choice == "draft" and not has_amounts(data, base)
    if is_asked:
        worth = st.number_input(
            f"The files have no amounts. What is a win worth on average, {base.currency}?",
            min_value=1.0,
            value=None,
            step=100.0,
            key="worth",
            width=380,
        )
    if st.button("Review this quarter", type="primary", disabled=otherwise is None or (is_asked and worth is None)):
        agreement = signed[choice][-1].agreement if choice in signed else here.agreement
        if choice == "draft":
            base = base.model_copy(update={"sourcing": base.sourcing.model_copy(update={"otherwise": otherwise})})
            try:
                agreement = draft_agreement(data, base, latest, worth)
            except DataError as error:
                reasons(error, "No agreement could be drafted:")
                return
        use_files(data, imported.files, held.digests, agreement, is_draft=choice == "draft")
        done()
        for key in ("quarter", "basis", "by", "bar"):
            st.session_state.pop(key, None)
        st.switch_page(page("review"))


def signed_label(versions: Sequence[Signed]) -> str:
    """What both sides of a company signed, as a choice."""
    agreement = versions[-1].agreement
    version = f", version {len(versions)}" if len(versions) > 1 else ""
    return f"what {plain(agreement.company)} signed for {period(agreement.fiscal_quarter)}{version}"


def files(reports: Sequence[FileReport]) -> str:
    """How many files, of which a workbook with several sheets is one."""
    number = len({report.file for report in reports})
    return f"{number} file{'' if number == 1 else 's'}"


def where_to_export() -> None:
    """Where to click to get the files."""
    with st.expander("Where to get the exports"):
        st.markdown(
            "**Salesforce**: Reports → New report → *Leads* (Created Date, Lead Source, the dates a lead became MQL and SQL, "
            "Converted Date, Converted Opportunity ID) and *Opportunities* (Opportunity ID, Created Date, Close Date, Stage or Won, "
            "Amount, Lead Source) → Export → Details only. Or Setup → Data Export, and take Lead, Opportunity and Task.\n\n"
            "**HubSpot**: Contacts → Export with *Became a Marketing Qualified Lead Date* and the other lifecycle dates; "
            "Deals → Export with *Create Date, Close Date, Deal Stage, Amount*.\n\n"
            "**A spreadsheet**: one row a quarter and source, with the columns quarter, source, mqls, sqls, opportunities, wins, revenue."
        )


main()
