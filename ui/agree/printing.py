"""The agreement to take away: a page to print and sign, as a Word document and as a sheet."""

import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.definition_words import preview
from alignment_core.export.agreement_document import write_agreement_document
from alignment_core.export.agreement_sheet import write_agreement_sheet
from alignment_core.export.agreement_terms import AgreementTerms, Printing, Signature
from alignment_core.follow_up_words import promise_sentences
from alignment_core.pipeline import channel_promises
from alignment_core.sourcing_words import sourcing_sentence
from alignment_core.store import StoreError, content_hash
from ui.keeping import versions

_WRITERS = {
    "docx": (
        "Word",
        write_agreement_document,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    "xlsx": ("Excel", write_agreement_sheet, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def terms(agreement: Agreement) -> AgreementTerms:
    """What the agreement says beside its numbers, in words."""
    return AgreementTerms(
        mql=(f"An MQL is: {preview(agreement.mql)}.",),
        follow_up=promise_sentences(agreement.follow_up) if agreement.follow_up else (),
        sourcing=(sourcing_sentence(agreement.sourcing), *channel_sentences(agreement)),
    )


def channel_sentences(agreement: Agreement) -> tuple[str, ...]:
    """What each channel of sales owes; nothing where that was not agreed."""
    owed = [
        f"{each.name} {each.sqls:,} SQLs" + (f" from {each.accounts:,} accounts worked" if each.accounts else "")
        for each in channel_promises(agreement)
    ]
    return (f"Of sales' SQLs: {', '.join(owed)}.",) if owed else ()


def printing(agreement: Agreement) -> Printing:
    """The signed version that an agreement is, with its hash and signatures; a draft with its hash otherwise."""
    own = content_hash(agreement)
    try:
        found = [each for each in versions(agreement.company, agreement.quarter) if each.content_hash == own]
    except StoreError:
        found = []
    if not found:
        return Printing(None, own)
    version = found[-1]
    signed = tuple(Signature(each.side, each.name, each.at.date()) for each in version.signatures)
    return Printing(version.number, own, signed)


def print_buttons(
    agreement: Agreement, terms: AgreementTerms = AgreementTerms(), printing: Printing = Printing()
) -> None:
    """Buttons for the page to sign; each is written when it is clicked.

    Args:
        agreement: the agreement as it is to be signed.
        terms: the words of what is an MQL, of the follow-up and of the sourcing rule.
        printing: the version, its content hash and the signatures that were given; a draft without one.
    """
    version = f"-v{printing.version}" if printing.version else "-draft"
    with st.container(horizontal=True):
        for suffix, (name, write, mime) in _WRITERS.items():
            st.download_button(
                f"Page to sign ({name})",
                data=lambda write=write: write(agreement, terms, printing),
                file_name=f"agreement-{agreement.quarter}{version}.{suffix}",
                mime=mime,
                icon=":material/print:",
                key=f"agree.printing.{suffix}",
                on_click="ignore",
            )
