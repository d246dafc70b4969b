"""What a Sparkplug message can be wrong about."""

from drivers.sparkplug.sparkplug_b_pb2 import Payload as PbPayload
from engine.errors import EngineError


class PayloadError(EngineError):
    """A payload that cannot be read or written; the text begins with the path of the field."""

    def at(self, path: str) -> "PayloadError":
        """The same error, seen from the message that holds the field: ``path: what``."""
        return PayloadError(f"{path}: {self}")


class TopicError(EngineError):
    """A topic outside the Sparkplug namespace; the text says why."""


def metric_path(index: int, name: str | None, alias: int | None) -> str:
    """How errors name a metric: ``metrics[3] 'Tank/Level'``."""
    if name is not None:
        return f"metrics[{index}] {name!r}"
    return f"metrics[{index}]" if alias is None else f"metrics[{index}] alias {alias}"


def path_of(index: int, pb: PbPayload.Metric) -> str:
    """``metric_path`` of a metric on the wire, whatever is wrong with it."""
    name = pb.name if pb.HasField("name") else None
    return metric_path(index, name, pb.alias if pb.HasField("alias") else None)
