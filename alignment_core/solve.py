"""Any one figure of an agreement, solved for while the others are held.

Back from the target every figure of a side is a product or a quotient: revenue = target × share, wins = revenue ÷ deal
size, opportunities = wins ÷ close rate, and so on to the first stage. So a figure moves in proportion, or in inverse
proportion, to each input behind it, and what gives way is scaled by one exact factor. With plans per segment that factor
holds in every segment: all rates (or deal sizes) of a side rise or fall alike, and the segments' shares stay.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Literal, cast, get_args

from alignment_core.agreement import Agreement
from alignment_core.agreement_parts import AgreementError, exact
from alignment_core.vocabulary import CHAIN, Stage
from alignment_core.wording import DRIVER, STAGE, count, money, percent

__all__ = ["Figure", "Input", "Side", "gives_way", "solve"]

Side = Literal["marketing", "sales"]
#: What is agreed, as the file has it; `split` is the side's own share.
Input = Literal["mql_to_sql", "sql_to_opportunity", "close_rate", "deal_size", "split", "revenue_target"]
#: What follows from it for one side.
Figure = Literal["mqls", "sqls", "opportunities", "wins", "revenue"]

_INPUTS: tuple[Input, ...] = get_args(Input)
_FIGURES: tuple[Figure, ...] = get_args(Figure)
#: Inputs with which every figure rises; with the others it falls.
_RAISING = ("split", "revenue_target")
_MONEY = ("deal_size", "revenue_target")
#: The decimals to begin with: tenths of a percent, whole units of currency. More are taken only where these don't do.
_DECIMALS: Mapping[str, int] = {name: 0 if name in _MONEY else 3 for name in _INPUTS}
_LIMITS: Mapping[str, tuple[Fraction, Fraction]] = {
    name: (Fraction(1), Fraction(10**15)) if name in _MONEY else (Fraction(1, 10**6), Fraction(1)) for name in _INPUTS
}
#: A figure that is not promised as a whole number is met when it is short by less than this.
_CLOSE = Fraction(1, 100)


def gives_way(source: Side, figure: Figure) -> tuple[Input, ...]:
    """What can give way when a figure is held: the inputs that it depends on, nearest first."""
    inputs = _INPUTS if source == "marketing" else _INPUTS[1:]
    return inputs[max(0, _stages(source).index(figure) - len(_stages(source)) + len(inputs) - 1) :]


def solve(agreement: Agreement, source: Side, unknown: Input | Figure, **held: float) -> Agreement:
    """The agreement in which one figure gives way so that the others are as wished.

    Args:
        agreement: gives everything that is not named.
        source: whose figures are meant. Target and split are both sides': the other side's volumes follow.
        unknown: what gives way: an input, or a figure that follows anyhow (then only inputs can be held).
        held: inputs and at most one figure, by name, as they are to be: rates and the side's share of the split 0-1,
            money in the agreement's currency. Where no figure is named, the first stage is held as it is promised.

    Returns:
        An agreement that requires exactly the held figure: MQLs (and a whole number of SQLs from sales) after rounding
        up, other figures to a hundredth. What gave way is rounded to as few decimals as that allows, and never so
        that more is owed. A figure that is already met changes nothing.

    Raises:
        AgreementError: the wish is impossible (with the limit), or the names don't make one question.
    """
    figures: dict[str, float] = {name: value for name, value in held.items() if name in _FIGURES}
    inputs = {name: value for name, value in held.items() if name not in _FIGURES}
    _check(agreement, source, unknown, figures, inputs)
    changed = _with(agreement, source, {name: exact(value) for name, value in inputs.items()})
    if unknown in _FIGURES:
        return changed
    figure, wanted = _held(agreement, source, figures)
    meets = _whole(wanted) if figure == _stages(source)[0] and wanted.denominator == 1 else _nearly(wanted)
    if meets(_value(changed, source, figure)):
        return changed
    factor = _factor(changed, source, unknown, figure, wanted)
    _possible(changed, source, unknown, figure, wanted, factor)
    for values in _rounded(changed, source, unknown, factor):
        found = _with(changed, source, values)
        if meets(_value(found, source, figure)):
            return found
    raise AgreementError(
        (f"{_said(figure, wanted)} cannot be met exactly: {_name(unknown)} would need more digits than a number has",)
    )


def _stages(source: Side) -> tuple[Figure, ...]:
    return cast("tuple[Figure, ...]", (*CHAIN[source], "revenue"))


def _check(
    agreement: Agreement, source: Side, unknown: str, figures: Mapping[str, Any], inputs: Mapping[str, Any]
) -> None:
    """Raise AgreementError, in words, for what is no question."""
    faults = []
    own = (*_stages(source), *(_INPUTS if source == "marketing" else _INPUTS[1:]))
    faults += [f"{name} is no figure of {source}'s side" for name in (unknown, *figures, *inputs) if name not in own]
    if getattr(agreement, source) is None:
        faults.append(f"{source} has no plan: give its rates and deal size first")
    if unknown in (*figures, *inputs):
        faults.append(f"{_name(unknown)} is what gives way; it cannot be held too")
    if unknown in _FIGURES and figures:
        faults.append(f"{_name(unknown)} follow from the rest: name an input to give way for {_listed(figures)}")
    elif len(figures) > 1:
        faults.append(f"{_listed(figures)} cannot all be held while one figure gives way: hold one of them")
    for name, value in figures.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
            faults.append(f"{_name(name)}: {value!r} is not a number above 0")
        elif name == "mqls" and value != int(value):
            faults.append(f"MQLs are promised as a whole number; {value:g} is none")
        elif not faults and unknown in _INPUTS and unknown not in gives_way(source, cast(Figure, name)):
            choices = [_name(each) for each in gives_way(source, cast(Figure, name))]
            faults.append(
                f"{_name(name)} {'does' if name == 'revenue' else 'do'} not depend on the {_name(unknown)}: "
                f"let the {' or the '.join([', the '.join(choices[:-1]), choices[-1]])} give way"
            )
    if faults:
        raise AgreementError(tuple(faults))


def _held(agreement: Agreement, source: Side, figures: Mapping[str, float]) -> tuple[Figure, Fraction]:
    if figures:
        ((name, value),) = figures.items()
        return cast(Figure, name), exact(value)
    first = _stages(source)[0]
    owed = _value(agreement, source, first)
    if not owed:
        raise AgreementError((f"{source}'s share of the split is 0, so no {_name(first)} are promised: hold a figure",))
    return first, Fraction(math.ceil(owed)) if source == "marketing" else owed


def _value(agreement: Agreement, source: Side, figure: Figure) -> Fraction:
    return sum((cell[figure] for cell in agreement.segment_cells[source].values()), Fraction(0))


def _whole(wanted: Fraction) -> Callable[[Fraction], bool]:
    return lambda value: math.ceil(value) == wanted


def _nearly(wanted: Fraction) -> Callable[[Fraction], bool]:
    # Beyond a billion no figure is typed to a hundredth.
    return lambda value: wanted - max(_CLOSE, wanted / 10**11) < value <= wanted


def _factor(agreement: Agreement, source: Side, unknown: str, figure: Figure, wanted: Fraction) -> Fraction:
    """By what the unknown is multiplied; for the split, the share itself."""
    whole = _with(agreement, source, {"split": Fraction(1)}) if unknown == "split" else agreement
    stands = _value(whole, source, figure)
    if not stands:
        raise AgreementError(
            (
                f"{source}'s share of the split is 0: no {_name(unknown)} brings {_said(figure, wanted)}; give it a share",
            )
        )
    return wanted / stands if unknown in _RAISING else stands / wanted


def _used(agreement: Agreement, source: Side, unknown: str) -> dict[str | None, Fraction]:
    """The values of an input that count: the side's, or each segment's."""
    if unknown == "split":
        return {None: Fraction(1)}
    if unknown == "revenue_target":
        return {None: exact(agreement.revenue_target)}
    own = getattr(agreement, source)
    parts = getattr(agreement.segments, source) if agreement.segments else {}
    values = {name: getattr(part, unknown) or getattr(own, unknown) for name, part in parts.items() if part.share}
    return {name: exact(value) for name, value in (values or {None: getattr(own, unknown)}).items()}


def _possible(
    agreement: Agreement, source: Side, unknown: str, figure: Figure, wanted: Fraction, factor: Fraction
) -> None:
    """Raise AgreementError where the unknown would leave its limits, with the figure at the limit."""
    least, most = _LIMITS[unknown]
    used = _used(agreement, source, unknown)
    high, low = max(used, key=used.__getitem__), min(used, key=used.__getitem__)
    for segment, limit, beyond in ((high, most, used[high] * factor > most), (low, least, used[low] * factor < least)):
        if not beyond:
            continue
        there = wanted * (limit / (used[segment] * factor)) ** (1 if unknown in _RAISING else -1)
        at_most = (limit == most) == (unknown in _RAISING)
        end = math.floor(there) if at_most else math.ceil(there)
        bound = f"cannot be {'above' if limit == most else 'below'} {_written(unknown, limit)}"
        where = f" in {segment}" if segment else ""
        raise AgreementError(
            (
                f"{_said(figure, wanted)} would need {'an' if '_to_' in unknown else 'a'} {_name(unknown)}{where} of {_written(unknown, used[segment] * factor)}"
                f"{_beside(agreement, source, unknown, figure)}; it {bound}. "
                f"{'At most' if at_most else 'At least'} {_said(figure, Fraction(end))} can be asked.",
            )
        )


def _beside(agreement: Agreement, source: Side, unknown: str, figure: Figure) -> str:
    """What is held: (75% × 50%, 30,000 a deal, target 830,250)."""
    if agreement.segments and getattr(agreement.segments, source):
        return ""
    plan = getattr(agreement, source)
    behind = gives_way(source, figure)
    rates = [
        _written(name, exact(getattr(plan, name))) for name in behind if name not in ("deal_size", *_RAISING, unknown)
    ]
    told = [" × ".join(rates)] if rates else []
    if "deal_size" in behind and unknown != "deal_size":
        told.append(f"{money(plan.deal_size)} a deal")
    if unknown not in _RAISING:
        told.append(f"{money(float(_value(agreement, source, 'revenue')))} to bring")
    elif unknown == "split":
        told.append(f"target {money(agreement.revenue_target)}")
    return f" ({', '.join(told)})" if told else ""


def _rounded(agreement: Agreement, source: Side, unknown: str, factor: Fraction) -> Iterator[dict[str, Any]]:
    """The scaled input with ever more decimals, rounded so that less is owed rather than more."""
    for decimals in range(_DECIMALS[unknown], 16):

        def scaled(value: Fraction, scale: int = 10**decimals) -> Fraction:
            raw = value * factor * scale
            near = Fraction(math.floor(raw) if unknown in _RAISING else math.ceil(raw), scale)
            return min(max(near, _LIMITS[unknown][0]), _LIMITS[unknown][1])

        if unknown in _RAISING:
            yield {unknown: scaled(_used(agreement, source, unknown)[None])}
            continue
        parts = getattr(agreement.segments, source) if agreement.segments else {}
        yield {
            unknown: scaled(exact(getattr(getattr(agreement, source), unknown))),
            "segments": {
                name: scaled(exact(value))
                for name, part in parts.items()
                if (value := getattr(part, unknown)) is not None
            },
        }


def _with(agreement: Agreement, source: Side, values: Mapping[str, Any]) -> Agreement:
    """The agreement with other inputs. Raises AgreementError."""
    if not values:
        return agreement
    changed = agreement.model_dump()
    for name, value in values.items():
        if name == "segments":
            continue
        if name == "split":
            other = "sales" if source == "marketing" else "marketing"
            changed["split"] = {source: float(value), other: float(1 - value)}
        elif name == "revenue_target":
            changed[name] = float(value)
        else:
            changed[source][name] = float(value)
            for segment, part in values.get("segments", {}).items():
                changed["segments"][source][segment][name] = float(part)
    return Agreement.checked(changed)


def _listed(names: Mapping[str, Any]) -> str:
    return " and ".join(_name(name) for name in names)


def _name(name: str) -> str:
    """An input or a figure inside a sentence."""
    if name in STAGE:
        text = STAGE[cast(Stage, name)]
    else:
        plain = {"split": "share of the split", "revenue_target": "revenue target", "revenue": "revenue"}
        text = plain.get(name) or DRIVER.get(cast(Any, name), name) + (" rate" if "_to_" in name else "")
    return text if text[:3] in ("MQL", "SQL") else text[:1].lower() + text[1:]


def _said(figure: Figure, value: Fraction) -> str:
    if figure == "revenue":
        return f"revenue of {money(float(value))}"
    name = _name(figure)
    return f"{count(float(value))} {name[:-1].replace('opportunitie', 'opportunity') if value == 1 else name}"


def _written(unknown: str, value: Fraction) -> str:
    if unknown in _MONEY:
        return money(float(value))
    shown = float(value)
    near = percent(shown)
    return (
        near
        if abs(shown * 100 - round(shown * 100)) < 1e-9 or shown >= 1.01
        else percent(shown, 2 if shown > 0.001 else 5)
    )
