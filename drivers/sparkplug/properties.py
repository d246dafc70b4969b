"""Properties of a metric: sets of typed values that may hold sets again. Pure."""

from drivers.sparkplug import scalars
from drivers.sparkplug.errors import PayloadError
from drivers.sparkplug.model import MetricType, Property, PropertySet
from drivers.sparkplug.sparkplug_b_pb2 import Payload as PbPayload

MAX_DEPTH = 32
"""Templates in templates and sets in sets are followed so deep; the wire format ends soon after."""


def read_properties(pb: PbPayload.PropertySet, depth: int = 0) -> PropertySet:
    """The properties by key; ``PayloadError`` names the key."""
    if depth > MAX_DEPTH:
        raise PayloadError(f"properties are nested more than {MAX_DEPTH} deep")
    if len(pb.keys) != len(pb.values):
        raise PayloadError(f"properties: {len(pb.keys)} keys for {len(pb.values)} values")
    properties: PropertySet = {}
    for index, (key, value) in enumerate(zip(pb.keys, pb.values, strict=True)):
        scalars.checked_text(key, f"properties.keys[{index}]")
        if key in properties:
            raise PayloadError(f"properties: the key {key!r} is there twice")
        try:
            properties[key] = _read_property(value, depth)
        except PayloadError as error:
            raise error.at(f"properties[{key!r}]") from None
    return properties


def write_properties(pb: PbPayload.PropertySet, properties: PropertySet, depth: int = 0) -> None:
    """Fill a property set; ``PayloadError`` names the key."""
    if depth > MAX_DEPTH:
        raise PayloadError(f"properties are nested more than {MAX_DEPTH} deep")
    for key, value in properties.items():
        pb.keys.append(key)
        try:
            _write_property(pb.values.add(), value, depth)
        except PayloadError as error:
            raise error.at(f"properties[{key!r}]") from None


def _read_property(pb: PbPayload.PropertyValue, depth: int) -> Property:
    """Older nodes leave the type out: it is UNKNOWN then, and the value as its field tells it."""
    type_ = _property_type(pb.type)
    if pb.is_null:
        return Property(type_, None)
    field = pb.WhichOneof("value")
    if field == "propertyset_value" and type_ in (MetricType.PROPERTY_SET, MetricType.UNKNOWN):
        return Property(MetricType.PROPERTY_SET, read_properties(pb.propertyset_value, depth + 1))
    if field == "propertysets_value" and type_ in (MetricType.PROPERTY_SET_LIST, MetricType.UNKNOWN):
        sets = tuple(read_properties(each, depth + 1) for each in pb.propertysets_value.propertyset)
        return Property(MetricType.PROPERTY_SET_LIST, sets)
    reader = scalars.READERS.get(type_)
    if reader is not None:
        return Property(type_, reader(pb))
    if field is None:
        return Property(type_, None)
    raise PayloadError(f"{type_.title} is not expected in {field}")


def _write_property(pb: PbPayload.PropertyValue, value: Property, depth: int) -> None:
    if value.type is not MetricType.UNKNOWN:
        pb.type = _property_type(value.type)
    content = value.value
    if content is None:
        pb.is_null = True
    elif isinstance(content, dict):
        _require(value.type, MetricType.PROPERTY_SET)
        pb.propertyset_value.SetInParent()
        write_properties(pb.propertyset_value, content, depth + 1)
    elif isinstance(content, tuple):
        _require(value.type, MetricType.PROPERTY_SET_LIST)
        pb.propertysets_value.SetInParent()
        for each in content:
            write_properties(pb.propertysets_value.propertyset.add(), each, depth + 1)
    else:
        scalars.write(pb, value.type, content)


def _require(given: MetricType, needed: MetricType) -> None:
    if given is not needed:
        raise PayloadError(f"a {needed.title} cannot be of type {given.title}")


def _property_type(number: int) -> MetricType:
    if number in _TYPES:
        return MetricType(number)
    raise PayloadError(f"type {number} is no type of a property")


_TYPES = scalars.BASIC_TYPES | {
    MetricType.UNKNOWN,
    MetricType.PROPERTY_SET,
    MetricType.PROPERTY_SET_LIST,
}
