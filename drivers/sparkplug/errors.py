"""What a Sparkplug message can be wrong about."""

from engine.errors import EngineError


class PayloadError(EngineError):
    """A payload that cannot be read or written; the text begins with the path of the field."""

    def at(self, path: str) -> "PayloadError":
        """The same error, seen from the message that holds the field: ``path: what``."""
        return PayloadError(f"{path}: {self}")


class TopicError(EngineError):
    """A topic outside the Sparkplug namespace; the text says why."""
