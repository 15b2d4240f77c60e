"""What the agreement's charts share: a drawing made once, into which the values of the moment are put.

Altair takes longer to write a specification than everything before it takes to compute, and a chart that follows a form is
drawn anew with every figure. So a chart is written once for each palette, with its data by name only.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import altair as alt

from alignment_core.charts import Palette

__all__ = ["SILENT", "Spec", "axis", "filled", "written"]

#: A Vega-Lite specification, as `st.vega_lite_chart` takes it.
Spec = dict[str, Any]

#: Marks that neither the pointer nor a screen reader stops at; the chart has its own text alternative.
SILENT: dict[str, Any] = {"tooltip": None, "aria": False}


def written(*layers: alt.Chart, height: int | alt.Step, padding: Mapping[str, int]) -> Spec:
    """Layers, each with its data by name, as a specification without data."""
    return cast(Spec, alt.layer(*layers).properties(height=height, padding=dict(padding)).to_dict())


def filled(drawing: Spec, data: Mapping[str, Sequence[Mapping[str, Any]]]) -> Spec:
    """A drawing with its data. Every layer has its own: those of the outermost Streamlit would send by way of pandas."""
    return drawing | {
        "layer": [layer | {"data": {"values": list(data[layer["data"]["name"]])}} for layer in drawing["layer"]]
    }


def axis(palette: Palette, **options: Any) -> alt.Axis:
    return alt.Axis(
        **{
            "labelColor": palette.faint,
            "titleColor": palette.faint,
            "labelFontSize": 13,
            "titleFontSize": 13,
            "titleFontWeight": "normal",
            "gridColor": palette.line,
            "gridOpacity": 0.35,
            "domainColor": palette.line,
            "tickColor": palette.line,
            "ticks": False,
            "labelPadding": 6,
        }
        | options
    )
