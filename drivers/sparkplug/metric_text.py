"""Sparkplug payloads as lines of text for people. Pure; nothing a node sends makes it fail."""

import dataclasses
import datetime as dt
import itertools
from collections.abc import Callable, Iterator, Sequence

from drivers.sparkplug.errors import PayloadError, path_of
from drivers.sparkplug.metrics import Declared, read_metric
from drivers.sparkplug.model import (
    DataSet,
    MetaData,
    Metric,
    MetricType,
    MetricValue,
    Property,
    PropertySet,
    Template,
)
from drivers.sparkplug.scalars import checked_text
from drivers.sparkplug.sparkplug_b_pb2 import Payload as PbPayload
from engine.model import Quality

Names = Callable[[int], str | None]
"""The name that a birth gave an alias."""

MAX_TEXT = 200
MAX_ELEMENTS = 32
MAX_ROWS = 20
MAX_CELL = 24


def payload_lines(
    pb: PbPayload, declared: Declared | None = None, names: Names | None = None
) -> Iterator[str]:
    """A payload, line by line; a metric that cannot be read is a line that says why."""
    yield f"timestamp  {format_time(pb.timestamp) if pb.HasField('timestamp') else 'none'}"
    yield f"seq        {pb.seq if pb.HasField('seq') else 'none'}"
    if pb.HasField("uuid"):
        yield f"uuid       {_uuid(pb)}"
    if pb.HasField("body"):
        yield f"body       {format_bytes(pb.body)}"
    yield f"metrics    {len(pb.metrics)}"
    for index, each in enumerate(pb.metrics):
        try:
            metric = read_metric(each, declared)
        except PayloadError as error:
            yield f"  ! {printable(str(error.at(path_of(index, each))))}"
        else:
            if names is not None and metric.name is None and metric.alias is not None:
                metric = dataclasses.replace(metric, name=names(metric.alias))
            yield from _metric_lines(metric, "  ")


def format_value(type_: MetricType | None, value: MetricValue | None) -> str:
    """A value on one line, as short as it takes."""
    if value is None:
        return "null"
    if isinstance(value, DataSet):
        return f"{len(value.rows)} rows of {len(value.columns)} columns"
    if isinstance(value, Template):
        return f"{_template_title(value)}, {len(value.metrics)} members"
    if isinstance(value, bytes):
        return format_bytes(value)
    if isinstance(value, tuple):
        return _format_array(type_, value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{shortened(value)}"'
    if type_ in (MetricType.DATETIME, MetricType.DATETIME_ARRAY) and isinstance(value, int):
        return format_time(value)
    return f"{value:.7g}" if type_ in (MetricType.FLOAT, MetricType.FLOAT_ARRAY) else str(value)


def format_time(time_ms: int) -> str:
    """UTC milliseconds as date and time."""
    if time_ms > _LAST_MS:
        return f"{time_ms} (no date)"
    moment = dt.datetime.fromtimestamp(time_ms // 1000, dt.UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{time_ms % 1000:03d} UTC"


def format_bytes(data: bytes) -> str:
    """How many, and the first of them."""
    more = " …" if len(data) > MAX_ELEMENTS else ""
    return f"{len(data)} bytes {data[:MAX_ELEMENTS].hex(' ')}{more}".rstrip()


def printable(text: str) -> str:
    """Text without anything that would steer a terminal or turn the direction of writing."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shortened(text: str, limit: int = MAX_TEXT) -> str:
    """The printable beginning of a text."""
    if len(text) <= limit:
        return printable(text)
    return f"{printable(text[:limit])}… ({len(text)} characters)"


def _metric_lines(metric: Metric, indent: str) -> Iterator[str]:
    name = "" if metric.name is None else shortened(metric.name)
    alias = "" if metric.alias is None else f"alias {metric.alias}"
    title = f"{name} ({alias})" if name and alias else name or alias or "(neither name nor alias)"
    type_ = "" if metric.type is None else f"  {metric.type.title}"
    yield f"{indent}{title}{type_} = {format_value(metric.type, metric.value)}{_remarks(metric)}"
    inner = indent + "    "
    if metric.metadata is not None:
        yield f"{inner}{_format_metadata(metric.metadata)}"
    if metric.properties:
        yield from _property_lines(metric.properties, inner)
    if isinstance(metric.value, DataSet):
        yield from (inner + line for line in _table(metric.value))
    elif isinstance(metric.value, Template):
        yield from _template_lines(metric.value, inner)


def _remarks(metric: Metric) -> str:
    marks = [
        *([format_time(metric.timestamp_ms)] if metric.timestamp_ms is not None else []),
        *(["historical"] if metric.is_historical else []),
        *(["transient"] if metric.is_transient else []),
    ]
    return f"  [{', '.join(marks)}]" if marks else ""


def _template_lines(template: Template, indent: str) -> Iterator[str]:
    for parameter in template.parameters:
        type_, value = parameter.type, format_value(parameter.type, parameter.value)
        yield f"{indent}parameter {shortened(parameter.name)}  {type_.title} = {value}"
    for member in template.metrics:
        yield from _metric_lines(member, indent)


def _template_title(template: Template) -> str:
    title = "definition" if template.is_definition else f"instance of {shortened(template.ref or 'nothing')}"
    return title if template.version is None else f"{title}, version {shortened(template.version)}"


def _property_lines(properties: PropertySet, indent: str) -> Iterator[str]:
    for key, value in properties.items():
        title = f"{indent}.{shortened(key)}  {value.type.title}"
        if isinstance(value.value, dict):
            yield title
            yield from _property_lines(value.value, indent + "    ")
        elif isinstance(value.value, tuple):
            yield f"{title} of {len(value.value)}"
            for index, each in enumerate(value.value):
                yield f"{indent}    [{index}]"
                yield from _property_lines(each, indent + "        ")
        else:
            yield f"{title} = {format_value(value.type, value.value)}{_quality_name(key, value)}"


def _quality_name(key: str, value: Property) -> str:
    known = key.lower() == "quality" and isinstance(value.value, int) and value.value in _QUALITIES
    return f" {_QUALITIES[value.value]}" if known else ""  # type: ignore[index]


def _table(dataset: DataSet) -> Iterator[str]:
    """Column headers with their types, then the first rows."""
    head = [
        f"{_cell(column)} ({type_.title})"
        for column, type_ in zip(dataset.columns, dataset.types, strict=True)
    ]
    body = [
        [_cell(format_value(type_, element)) for type_, element in zip(dataset.types, row, strict=True)]
        for row in dataset.rows[:MAX_ROWS]
    ]
    widths = [max(len(row[n]) for row in (head, *body)) for n in range(len(head))]
    for row in (head, *body):
        yield "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
    if len(dataset.rows) > MAX_ROWS:
        yield f"… {len(dataset.rows) - MAX_ROWS} more rows"


def _cell(text: str) -> str:
    clean = printable(text[: MAX_CELL + 1])
    return clean if len(clean) <= MAX_CELL else clean[: MAX_CELL - 1] + "…"


def _format_array(type_: MetricType | None, value: Sequence[bool | int | float | str]) -> str:
    shown = ", ".join(format_value(type_, element) for element in itertools.islice(value, MAX_ELEMENTS))
    more = f", … ({len(value)} elements)" if len(value) > MAX_ELEMENTS else ""
    return f"[{shown}{more}]"


def _format_metadata(metadata: MetaData) -> str:
    fields = ((name, getattr(metadata, name)) for name in MetaData.__slots__)
    return "metadata " + ", ".join(
        f"{name} {format_value(None, value)}" for name, value in fields if value is not None
    )


def _uuid(pb: PbPayload) -> str:
    try:
        return shortened(checked_text(pb.uuid, "uuid"))
    except PayloadError as error:
        return str(error)


_LAST_MS = 253_402_300_799_999
_QUALITIES = {quality.value: quality.name for quality in Quality}
