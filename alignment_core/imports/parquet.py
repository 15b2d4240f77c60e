"""Parquet files → a sheet of text."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from alignment_core.imports.model import Limits, Refusal
from alignment_core.imports.sheet import Sheet, TextColumns


def open_parquet(path: Path, limits: Limits = Limits()) -> Sheet:
    """The file's only table. Raises Refusal in words."""
    try:
        file = pq.ParquetFile(path)
        if file.metadata.num_rows > limits.rows or file.metadata.num_columns > limits.columns:
            raise Refusal(
                f"The file has {file.metadata.num_rows:,} rows and {file.metadata.num_columns:,} columns, more than is read."
            )
        table = file.read()
    except (pa.ArrowException, OSError) as error:
        said = (str(error).strip().splitlines() or ["unknown fault"])[0][:160].rstrip(".")
        raise Refusal(f"The Parquet file is damaged: {said}. Export it again.") from error
    plain = [i for i, field in enumerate(table.schema) if not pa.types.is_nested(field.type)]
    nested = [field.name for field in table.schema if pa.types.is_nested(field.type)]
    notes = (f"Columns that hold lists or records were not read: {', '.join(map(repr, nested))}.",) if nested else ()
    columns = {place: _text(table.column(i)) for place, i in enumerate(plain)}
    headers = tuple(table.column_names[i] for i in plain)
    samples = tuple(
        tuple(cell or "" for cell in row)
        for row in zip(*(column.slice(0, 400).to_pylist() for column in columns.values()), strict=True)
    )
    text = TextColumns(columns, table.num_rows, (), lambda places: [place + 2 for place in places])
    return Sheet(None, headers, samples, lambda spots, dates=(): text, None, notes)


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Values as the parsers of text read them."""
    type_ = column.type
    if pa.types.is_dictionary(type_):
        column, type_ = column.cast(type_.value_type), type_.value_type
    if pa.types.is_timestamp(type_):
        zone = "Z" if type_.tz else ""
        instants = column.cast(pa.timestamp("us", "UTC" if type_.tz else None)).cast(pa.timestamp("us"))
        texts = [None if at is None else at.isoformat(sep="T") + zone for at in instants.to_pylist()]
        return pa.chunked_array([pa.array(texts, pa.string())])
    if pa.types.is_binary(type_) or pa.types.is_large_binary(type_):
        return pa.chunked_array([pa.nulls(len(column), pa.string())])
    return column.cast(pa.string())
