"""Parquet, as Hugging Face datasets are stored. Audio and other columns of a dataset are never read."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from prompts import header
from prompts.faults import Fault, UnreadableError
from prompts.limits import Limits
from prompts.sheets.table import Line, Sheet, cell

SIGNATURE = b"PAR1"
ROWS = 256  # of one batch
# A few bytes may stand for a text of gigabytes, again in every row: measured before it is spelt out.
PACKED = 10  # times the size of the largest file
LONGEST = 100_000  # characters of a cell


def sheet(data: bytes, limits: Limits, wanted: Collection[str] = ()) -> Sheet:
    """With the cells of columns that are wanted, or could be ours.

    Raises UnreadableError for a damaged file, one with too many rows, or prompts that are no text.
    """
    file, ours = _opened(io.BytesIO(data), limits, lambda schema: _ours(schema, wanted))
    others = [field.name for field in file.schema_arrow if field.name not in ours]
    return Sheet("Parquet", (*ours, *others), _lines(file, ours, len(others)))


def texts_alone(source: BinaryIO, limits: Limits) -> bytes:
    """The same rows, with the cells of text and the bare names of all other columns: sounds make datasets large.

    Raises UnreadableError as `sheet` does. What comes out is cut off soon behind the limit of bytes.
    """
    file, texts = _opened(source, limits, lambda schema: [field.name for field in schema if _is_text(field.type)])
    try:
        return _written(file, texts, limits)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableError(_damaged(error)) from error


def _written(file: pq.ParquetFile, texts: list[str], limits: Limits) -> bytes:
    schema, target = file.schema_arrow, io.BytesIO()
    others = [field.name for field in schema if field.name not in texts]
    kept = pa.schema([*map(schema.field, texts), *(pa.field(name, pa.null()) for name in others)])
    with pq.ParquetWriter(target, kept) as writer:
        for batch in file.iter_batches(ROWS, columns=texts):
            columns = [*map(batch.column, texts), *(pa.nulls(len(batch)) for _ in others)]
            writer.write_batch(pa.record_batch(columns, schema=kept))
            if target.tell() > limits.bytes:
                break
    return target.getvalue()


def _opened(
    source: BinaryIO, limits: Limits, choose: Callable[[pa.Schema], list[str]]
) -> tuple[pq.ParquetFile, list[str]]:
    """The file and the columns that were chosen of it, whose equal texts are held once."""
    try:
        file = pq.ParquetFile(source)
        chosen = choose(file.schema_arrow)
        leaves = [file.schema.column(i).path for i in range(len(file.schema))]
        file = pq.ParquetFile(source, read_dictionary=[leaf for leaf in leaves if leaf.partition(".")[0] in chosen])
    except (pa.ArrowException, OSError) as error:
        raise UnreadableError(_damaged(error)) from error
    if file.metadata.num_rows > limits.rows:
        message = f"more than {limits.rows:,} rows. Split the file into several prompt sets."
        raise UnreadableError(Fault(limits.rows + 1, message))
    if _unpacked(file.metadata, chosen) > PACKED * limits.bytes:
        raise UnreadableError(Fault(None, "The file unpacks to far more text than an import may bring. Split it."))
    return file, chosen


def _unpacked(metadata: pq.FileMetaData, ours: Collection[str]) -> int:
    """Bytes of the columns that are read."""
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    columns = [group.column(i) for group in groups for i in range(group.num_columns)]
    return sum(one.total_uncompressed_size for one in columns if one.path_in_schema.partition(".")[0] in ours)


def _ours(schema: pa.Schema, wanted: Collection[str]) -> list[str]:
    """Names of columns of text to read. Raises UnreadableError where the prompts are something else."""
    known = [field for field in schema if (field.name in wanted if wanted else header.is_known(field.name))]
    ours = [field.name for field in known if _is_text(field.type)]
    for field in known:
        if wanted and field.name not in ours:
            raise UnreadableError(Fault(None, f"holds {field.type}, not text: choose another column.", field.name))
    for field in known:
        if field.name not in ours and header.is_text(field.name) and not any(map(header.is_text, ours)):
            raise UnreadableError(Fault(None, f"holds {field.type}, not text.", field.name))
    return ours


def _is_text(kind: pa.DataType) -> bool:
    of = kind.value_type if pa.types.is_list(kind) or pa.types.is_large_list(kind) else kind
    of = of.value_type if pa.types.is_dictionary(of) else of
    return pa.types.is_string(of) or pa.types.is_large_string(of)


def _lines(file: pq.ParquetFile, names: list[str], others: int) -> Iterator[Line]:
    row, nothing = 0, [""] * others
    try:
        for batch in file.iter_batches(ROWS, columns=names):
            columns = [_values(batch.column(name), name, row + 1) for name in names]
            for values in zip(*columns, strict=True):
                row += 1
                yield row, [*values, *nothing]
    except (pa.ArrowException, OSError) as error:
        raise UnreadableError(_damaged(error)) from error


def _values(column: pa.Array, name: str, row: int) -> list[str]:
    texts = column.flatten() if isinstance(column, pa.ListArray | pa.LargeListArray) else column
    texts = texts.dictionary if isinstance(texts, pa.DictionaryArray) else texts
    if (pc.max(pc.binary_length(texts)).as_py() or 0) > 4 * LONGEST:
        raise UnreadableError(Fault(row, f"or a row soon after holds more than {LONGEST:,} characters.", name))
    return [cell(value) for value in column.to_pylist()]


def _damaged(error: Exception) -> Fault:
    return Fault(None, f"The file is damaged: Parquet says “{str(error).splitlines()[0][:200]}”. Save it again.")
