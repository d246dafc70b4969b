"""The two forms in which recorded samples leave the house: CSV and Parquet."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import BinaryIO

from engine.history import HistoryReader
from engine.model import Quality, Sample, Value
from hmi.history_gaps import marked_samples

CSV_HEADER = "tag,time_utc,value,quality\n"
_CSV_ROWS = 5_000
_ROW_GROUP = 100_000
_EXACT_INT = 2**53

OnRows = Callable[[str, int, int], None]
"""Called with the tag, the number of rows just written and the time of the last one."""


def write_csv(
    stream: BinaryIO,
    reader: HistoryReader,
    tags: Sequence[str],
    start_us: int | None,
    end_us: int | None,
    on_rows: OnRows,
) -> None:
    """UTF-8, lines ending in a line feed, quoted as RFC 4180 says; an empty text is ``""``.

    Where nobody recorded a row of quality STALE says so (``hmi.history_gaps``), also in Parquet.
    """
    stream.write(CSV_HEADER.encode())
    names = {quality: quality.name for quality in Quality}
    for tag in tags:
        name = _quote(tag) if tag else '""'
        second, prefix = -1, ""
        for chunk in _chunks(marked_samples(reader, tag, start_us, end_us), _CSV_ROWS):
            lines: list[str] = []
            for _, value, quality, time_us in chunk:
                now, fraction = divmod(time_us, 1_000_000)
                if now != second:
                    second, prefix = now, f"{name},{datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H:%M:%S}."
                lines.append(f"{prefix}{fraction:06d}Z,{format_value(value)},{names[quality]}\n")
            stream.write("".join(lines).encode())
            on_rows(tag, len(chunk), chunk[-1].source_time_us)


def format_value(value: Value | None) -> str:
    """One CSV field: numbers exactly, booleans as 0 and 1, arrays as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return _quote(value) if value else '""'
    return _quote(json.dumps(value, ensure_ascii=False))


def write_parquet(
    stream: BinaryIO,
    reader: HistoryReader,
    tags: Sequence[str],
    start_us: int | None,
    end_us: int | None,
    on_rows: OnRows,
) -> None:
    """Columns tag, time_utc (timestamp, microseconds, UTC), value (double), text, quality (name).

    ``value`` holds numbers and booleans, ``text`` whatever a double cannot hold.
    """
    # Imported here: a heavy library that only this format needs.
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = pa.dictionary(pa.int32(), pa.string())
    schema = pa.schema(
        [
            ("tag", names),
            ("time_utc", pa.timestamp("us", tz="UTC")),
            ("value", pa.float64()),
            ("text", pa.string()),
            ("quality", names),
        ]
    )
    with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
        for tag in tags:
            for chunk in _chunks(marked_samples(reader, tag, start_us, end_us), _ROW_GROUP):
                fields = [_to_fields(sample.value) for sample in chunk]
                columns = [
                    pa.array([tag] * len(chunk)).cast(names),
                    pa.array([sample.source_time_us for sample in chunk], pa.timestamp("us", tz="UTC")),
                    pa.array([number for number, _ in fields], pa.float64()),
                    pa.array([text for _, text in fields], pa.string()),
                    pa.array([sample.quality.name for sample in chunk]).cast(names),
                ]
                writer.write_batch(pa.record_batch(columns, schema=schema))
                on_rows(tag, len(chunk), chunk[-1].source_time_us)


def _to_fields(value: Value | None) -> tuple[float | None, str | None]:
    if value is None or isinstance(value, float):
        return value, None
    if isinstance(value, int):
        return (float(value), None) if abs(value) <= _EXACT_INT else (float(value), str(value))
    return None, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _chunks(samples: Iterator[Sample], size: int) -> Iterator[list[Sample]]:
    while chunk := list(islice(samples, size)):
        yield chunk


def _quote(text: str) -> str:
    if any(character in text for character in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
