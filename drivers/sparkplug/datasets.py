"""Data sets: a table with typed columns as the value of a metric. Pure."""

from drivers.sparkplug import scalars
from drivers.sparkplug.errors import PayloadError
from drivers.sparkplug.model import DataSet, MetricType
from drivers.sparkplug.sparkplug_b_pb2 import Payload as PbPayload


def read_dataset(pb: PbPayload.DataSet) -> DataSet:
    """The table; ``PayloadError`` where counts disagree, a type is not basic or an element does not fit."""
    columns = tuple(
        scalars.checked_text(name, f"dataset.columns[{index}]") for index, name in enumerate(pb.columns)
    )
    _check_counts(pb, len(columns))
    types = tuple(_column_type(index, number) for index, number in enumerate(pb.types))
    readers = [scalars.READERS[type_] for type_ in types]
    rows = []
    for index, row in enumerate(pb.rows):
        if len(row.elements) != len(columns):
            raise PayloadError(
                f"dataset.rows[{index}]: {len(row.elements)} elements for {len(columns)} columns"
            )
        try:
            rows.append(tuple(read(element) for read, element in zip(readers, row.elements, strict=True)))
        except PayloadError as error:
            raise error.at(f"dataset.rows[{index}]") from None
    return DataSet(columns, types, tuple(rows))


def write_dataset(pb: PbPayload.DataSet, value: DataSet) -> None:
    """Fill a data set; a None element becomes an element without a value."""
    width = len(value.columns)
    if len(value.types) != width:
        raise PayloadError(f"dataset.types: {len(value.types)} types for {width} columns")
    for index, type_ in enumerate(value.types):
        _column_type(index, type_)
    pb.num_of_columns = width
    pb.columns.extend(value.columns)
    pb.types.extend(value.types)
    for index, row in enumerate(value.rows):
        if len(row) != width:
            raise PayloadError(f"dataset.rows[{index}]: {len(row)} elements for {width} columns")
        pb_row = pb.rows.add()
        for type_, element in zip(value.types, row, strict=True):
            holder = pb_row.elements.add()
            if element is None:
                continue
            try:
                scalars.write(holder, type_, element)
            except PayloadError as error:
                raise error.at(f"dataset.rows[{index}]") from None


def _check_counts(pb: PbPayload.DataSet, width: int) -> None:
    if pb.HasField("num_of_columns") and pb.num_of_columns != width:
        raise PayloadError(f"dataset.num_of_columns is {pb.num_of_columns}, but {width} columns are named")
    if len(pb.types) != width:
        raise PayloadError(f"dataset.types: {len(pb.types)} types for {width} columns")


def _column_type(index: int, number: int) -> MetricType:
    if number in scalars.BASIC_TYPES:
        return MetricType(number)
    raise PayloadError(f"dataset.types[{index}]: {number} is no basic type")
