"""Parquet files → a sheet of text."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from alignment_core.imports.layout import unique_names
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
        _check_size(file, limits)
        # A long text that is stored once may stand in many rows: as a dictionary it is one, and can be measured.
        table = pq.ParquetFile(path, read_dictionary=_texts(file)).read()
        table.validate(full=True)  # texts that are none
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        said = (str(error).strip().splitlines() or ["unknown fault"])[0][:160].rstrip(".")
        raise Refusal(f"The Parquet file is damaged: {said}. Export it again.") from error
    _check_texts(table, limits)
    plain = [i for i, field in enumerate(table.schema) if not pa.types.is_nested(field.type)]
    nested = [field.name for field in table.schema if pa.types.is_nested(field.type)]
    notes = (f"Columns that hold lists or records were not read: {', '.join(map(repr, nested))}.",) if nested else ()
    try:
        columns = {place: _text(table.column(i)) for place, i in enumerate(plain)}
    except (OverflowError, ValueError) as error:
        raise Refusal("The Parquet file has a date that no calendar has. Correct it, or export CSV.") from error
    headers = unique_names([table.column_names[i] for i in plain])
    samples = tuple(
        tuple(cell or "" for cell in row)
        for row in zip(*(column.slice(0, 400).to_pylist() for column in columns.values()), strict=True)
    )
    text = TextColumns(columns, table.num_rows, (), lambda places: [place + 2 for place in places])
    return Sheet(None, headers, samples, lambda spots, dates=(): text, None, notes)


def _texts(file: pq.ParquetFile) -> list[str]:
    return [field.name for field in file.schema_arrow if pa.types.is_string(field.type)]


def _check_size(file: pq.ParquetFile, limits: Limits) -> None:
    groups = (file.metadata.row_group(i) for i in range(file.metadata.num_row_groups))
    size = sum(group.total_byte_size for group in groups)
    if size > 8 * limits.bytes:
        raise Refusal(
            f"The file unpacks to {size / 2**20:,.0f} MB; at most {8 * limits.bytes / 2**20:,.0f} MB are read. Export fewer columns or rows."
        )


def _check_texts(table: pa.Table, limits: Limits) -> None:
    """Texts as long as they will be in every row."""
    most, total = limits.memory // 4, 0
    for name, column in zip(table.column_names, table.columns, strict=True):
        if not pa.types.is_dictionary(column.type) or not pa.types.is_string(column.type.value_type):
            continue
        for chunk in column.chunks:
            lengths = pc.binary_length(chunk.dictionary)
            longest = pc.max(lengths).as_py() or 0
            if longest > limits.cell_length:
                raise Refusal(
                    f"A cell of {name[:60]!r} has {longest:,} bytes; at most {limits.cell_length:,} are read. Delete its text."
                )
            if longest * len(chunk) > 2**20:
                total += pc.sum(lengths.cast(pa.int64()).take(chunk.indices)).as_py() or 0
            if total > most:
                raise Refusal(
                    f"The texts of the file's cells take more than {most / 2**20:,.0f} MB, for a few long ones are "
                    "repeated in many rows. Leave out the column with long texts."
                )


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
