"""Sparkplug payloads for property-based tests: every value that the specification allows."""

from hypothesis import strategies as st

from drivers.sparkplug.arrays import ARRAY_TYPES
from drivers.sparkplug.model import (
    DataSet,
    MetaData,
    Metric,
    MetricType,
    MetricValue,
    Parameter,
    Payload,
    Property,
    PropertySet,
    Template,
)
from drivers.sparkplug.scalars import BASIC_TYPES, INTEGERS, TEXTS, integer_limits

UINT64 = st.integers(0, 2**64 - 1)
NAMES = st.text(min_size=1, max_size=12)

_ELEMENTS = {
    MetricType.INT8_ARRAY: MetricType.INT8,
    MetricType.INT16_ARRAY: MetricType.INT16,
    MetricType.INT32_ARRAY: MetricType.INT32,
    MetricType.INT64_ARRAY: MetricType.INT64,
    MetricType.UINT8_ARRAY: MetricType.UINT8,
    MetricType.UINT16_ARRAY: MetricType.UINT16,
    MetricType.UINT32_ARRAY: MetricType.UINT32,
    MetricType.UINT64_ARRAY: MetricType.UINT64,
    MetricType.FLOAT_ARRAY: MetricType.FLOAT,
    MetricType.DOUBLE_ARRAY: MetricType.DOUBLE,
    MetricType.BOOLEAN_ARRAY: MetricType.BOOLEAN,
    MetricType.DATETIME_ARRAY: MetricType.DATETIME,
}


def basic_values(type_: MetricType) -> st.SearchStrategy[bool | int | float | str]:
    """Values of a basic type; NaN is left out, because it equals nothing."""
    if type_ in INTEGERS:
        return st.integers(*integer_limits(type_))
    if type_ in TEXTS:
        return st.text(max_size=20)
    if type_ is MetricType.BOOLEAN:
        return st.booleans()
    return st.floats(allow_nan=False, width=32 if type_ is MetricType.FLOAT else 64)


def values(type_: MetricType) -> st.SearchStrategy[MetricValue]:
    """Values of any type of a metric but Template."""
    if type_ in BASIC_TYPES:
        return basic_values(type_)
    if type_ is MetricType.DATASET:
        return datasets()
    if type_ is MetricType.STRING_ARRAY:
        texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
        return st.lists(texts, max_size=20).map(tuple)
    if type_ in ARRAY_TYPES:
        return st.lists(basic_values(_ELEMENTS[type_]), max_size=20).map(tuple)
    return st.binary(max_size=40)


@st.composite
def datasets(draw: st.DrawFn) -> DataSet:
    types = tuple(draw(st.lists(st.sampled_from(sorted(BASIC_TYPES)), max_size=4)))
    columns = tuple(draw(st.lists(NAMES, min_size=len(types), max_size=len(types))))
    row = st.tuples(*(st.none() | basic_values(type_) for type_ in types))
    return DataSet(columns, types, tuple(draw(st.lists(row, max_size=4))))


def _basic_property() -> st.SearchStrategy[Property]:
    return st.sampled_from(sorted(BASIC_TYPES)).flatmap(
        lambda type_: st.builds(Property, st.just(type_), st.none() | basic_values(type_))
    )


def _nested_property(inner: st.SearchStrategy[Property]) -> st.SearchStrategy[Property]:
    sets = st.dictionaries(NAMES, inner, max_size=3)
    lists = st.lists(sets, max_size=2).map(tuple)
    return st.builds(Property, st.just(MetricType.PROPERTY_SET), sets) | st.builds(
        Property, st.just(MetricType.PROPERTY_SET_LIST), lists
    )


PROPERTY_SETS: st.SearchStrategy[PropertySet] = st.dictionaries(
    NAMES, st.recursive(_basic_property(), _nested_property, max_leaves=4), max_size=3
)

METADATA = st.builds(
    MetaData,
    is_multi_part=st.none() | st.booleans(),
    content_type=st.none() | NAMES,
    size=st.none() | UINT64,
    seq=st.none() | UINT64,
    file_name=st.none() | NAMES,
    md5=st.none() | NAMES,
    description=st.none() | NAMES,
)

VALUE_TYPES = sorted(
    set(MetricType)
    - {
        MetricType.UNKNOWN,
        MetricType.TEMPLATE,
        MetricType.PROPERTY_SET,
        MetricType.PROPERTY_SET_LIST,
    }
)
"""Every type of a metric's value but Template."""


def _metrics_of(type_: MetricType, content: st.SearchStrategy[MetricValue]) -> st.SearchStrategy[Metric]:
    return st.builds(
        Metric,
        name=st.none() | NAMES,
        value=st.none() | content,
        type=st.just(type_),
        alias=st.none() | UINT64,
        timestamp_ms=st.none() | UINT64,
        is_historical=st.booleans(),
        is_transient=st.booleans(),
        metadata=st.none() | METADATA,
        properties=st.none() | PROPERTY_SETS,
    )


PARAMETERS = st.sampled_from(sorted(BASIC_TYPES)).flatmap(
    lambda type_: st.builds(Parameter, NAMES, st.just(type_), st.none() | basic_values(type_))
)


def templates(members: st.SearchStrategy[Metric]) -> st.SearchStrategy[Template]:
    parts = {
        "version": st.none() | NAMES,
        "metrics": st.lists(members, max_size=3).map(tuple),
        "parameters": st.lists(PARAMETERS, max_size=2).map(tuple),
    }
    return st.builds(Template, st.just(True), st.none(), **parts) | st.builds(
        Template, st.just(False), NAMES, **parts
    )


SIMPLE_METRICS = st.sampled_from(VALUE_TYPES).flatmap(lambda type_: _metrics_of(type_, values(type_)))
METRICS = st.recursive(
    SIMPLE_METRICS,
    lambda members: _metrics_of(MetricType.TEMPLATE, templates(members)),
    max_leaves=4,
)
PAYLOADS = st.builds(
    Payload,
    timestamp_ms=st.none() | UINT64,
    metrics=st.lists(METRICS, max_size=4).map(tuple),
    seq=st.none() | st.integers(0, 255),
    uuid=st.none() | NAMES,
    body=st.none() | st.binary(max_size=20),
)
