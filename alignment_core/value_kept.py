"""What marketing's MQLs of a quarter are worth at the agreed values, against what was promised."""

from datetime import date

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.errors import DataError
from alignment_core.events import NOT_RECORDED
from alignment_core.quarters import Quarter
from alignment_core.results import KindWorth, ValueKept
from alignment_core.vocabulary import Basis, MqlBy

__all__ = ["value_kept"]


def value_kept(
    data: Data, agreement: Agreement, quarter: Quarter, basis: Basis = "period", as_of: date | None = None, mql: MqlBy = "crm"
) -> ValueKept | None:  # fmt: skip
    """Hold a quarter's MQLs against the promise in value; None where the agreement has none.

    Args:
        data: the loaded tables.
        agreement: the promise: the version in force.
        quarter: whose MQLs.
        basis, as_of, mql: how MQLs are counted, as in the review.
    """
    agreed, promised = agreement.value, agreement.promised_value
    if agreed is None or promised is None:
        return None

    def kept(*kinds: KindWorth, untold: str = "") -> ValueKept:
        return ValueKept(agreed.field, agreement.required_mqls, promised, kinds, untold)

    if agreed.field not in data.segment_fields:
        return kept(untold="no_field")
    try:
        funnel = data.funnel(agreement, basis, agreed.field, as_of, mql)
    except DataError:
        return kept(untold="no_field")
    if "mqls" not in funnel.recorded["marketing"]:
        return kept(untold="no_mqls")
    # Who meets the agreed definition is not known of what the files don't have; that nobody meets it is.
    if mql == "crm" and funnel.is_silent(quarter, "marketing"):
        return kept(untold="silent")
    came = {str(kind): counts.mqls for kind, counts in funnel.counts(quarter, "marketing").items() if counts.mqls}
    if set(came) == {NOT_RECORDED}:
        return kept(untold="no_field")
    kinds = [KindWorth(kind, mqls, agreed.counts_for(kind), kind in agreed.per_mql) for kind, mqls in came.items()]
    return kept(*sorted(kinds, key=lambda each: -each.worth))
