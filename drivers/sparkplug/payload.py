"""Sparkplug B payloads from and to bytes. Pure.

``decode`` reads everything, for tools and rare messages. Where thousands of messages come each second
``parse`` once and ask ``value_of`` for each metric.
"""

from google.protobuf.message import DecodeError

from drivers.sparkplug.errors import PayloadError, metric_path, path_of
from drivers.sparkplug.metrics import (
    Declared,
    metric_type,
    properties_of,
    read_metric,
    value_of,
    write_metric,
)
from drivers.sparkplug.model import Payload
from drivers.sparkplug.scalars import checked_text
from drivers.sparkplug.sparkplug_b_pb2 import Payload as PbPayload

__all__ = [
    "Declared",
    "PayloadError",
    "decode",
    "encode",
    "metric_type",
    "parse",
    "properties_of",
    "read_metric",
    "value_of",
]


def parse(data: bytes) -> PbPayload:
    """The payload as it is on the wire; ``PayloadError`` where the bytes are none."""
    try:
        return PbPayload.FromString(data)
    except (DecodeError, ValueError):
        raise PayloadError(f"payload: {len(data)} bytes that are no Sparkplug B payload") from None


def decode(data: bytes, declared: Declared | None = None) -> Payload:
    """Read a whole payload; ``PayloadError`` names the field.

    ``declared`` gives the type that the birth declared for a metric that carries none.
    """
    pb = parse(data)
    metrics = []
    for index, each in enumerate(pb.metrics):
        try:
            metrics.append(read_metric(each, declared))
        except PayloadError as error:
            raise error.at(path_of(index, each)) from None
    return Payload(
        pb.timestamp if pb.HasField("timestamp") else None,
        tuple(metrics),
        pb.seq if pb.HasField("seq") else None,
        checked_text(pb.uuid, "uuid") if pb.HasField("uuid") else None,
        pb.body if pb.HasField("body") else None,
    )


def encode(payload: Payload, *, datatypes: bool = True) -> bytes:
    """The bytes of a payload; ``PayloadError`` names a value that does not fit its type.

    Births carry the data types; data and commands are told to leave them out (``datatypes`` False):
    the types still say how the values are written.
    """
    pb = PbPayload(timestamp=payload.timestamp_ms, seq=payload.seq, uuid=payload.uuid, body=payload.body)
    for index, metric in enumerate(payload.metrics):
        try:
            write_metric(pb.metrics.add(), metric, datatypes)
        except PayloadError as error:
            raise error.at(metric_path(index, metric.name, metric.alias)) from None
        except ValueError as error:
            # protobuf's own: a name that is not UTF-8, an alias beyond 64 bits
            raise PayloadError(str(error)).at(metric_path(index, metric.name, metric.alias)) from None
    return pb.SerializeToString()
