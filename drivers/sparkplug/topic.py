"""Topics of Sparkplug: ``spBv1.0/GROUP/VERB/NODE[/DEVICE]`` and ``spBv1.0/STATE/HOST``. Pure.

Source: Eclipse Sparkplug 3.0, chapter 4.
"""

import re
from enum import StrEnum
from typing import NamedTuple

from drivers.sparkplug.errors import TopicError

NAMESPACE = "spBv1.0"


class Verb(StrEnum):
    """Message types: N* of an edge node, D* of a device, STATE of a host application."""

    NBIRTH = "NBIRTH"
    NDEATH = "NDEATH"
    DBIRTH = "DBIRTH"
    DDEATH = "DDEATH"
    NDATA = "NDATA"
    DDATA = "DDATA"
    NCMD = "NCMD"
    DCMD = "DCMD"
    STATE = "STATE"


class Topic(NamedTuple):
    """A topic taken apart. ``device`` is None for N* messages; STATE has group "" and the host as node."""

    group: str
    verb: Verb
    node: str
    device: str | None = None

    def __str__(self) -> str:
        if self.verb is Verb.STATE:
            return state_topic(self.node)
        end = "" if self.device is None else f"/{self.device}"
        return f"{NAMESPACE}/{self.group}/{self.verb}/{self.node}{end}"


def parse_topic(text: str) -> Topic:
    """Take a topic apart; ``TopicError`` says what is wrong with it."""
    levels = text.split("/")
    if levels[0] != NAMESPACE:
        raise TopicError(f"{text!r} is outside the namespace {NAMESPACE}")
    if len(levels) == 3 and levels[1] == Verb.STATE:
        return Topic("", Verb.STATE, _checked(text, "host id", levels[2]))
    if len(levels) < 4:
        raise TopicError(f"{text!r} has too few levels")
    verb = _VERBS.get(levels[2])
    if verb is None or verb is Verb.STATE:
        raise TopicError(f"{text!r}: {levels[2]!r} is no message type")
    expected = 5 if verb in DEVICE_VERBS else 4
    if len(levels) != expected:
        raise TopicError(f"{text!r} has {len(levels)} levels; {verb} has {expected}")
    group = _checked(text, "group id", levels[1])
    node = _checked(text, "edge node id", levels[3])
    return Topic(group, verb, node, _checked(text, "device id", levels[4]) if expected == 5 else None)


def valid_id(text: str) -> bool:
    """Whether a text may be a group, edge node, device or host id: UTF-8, not empty, none of ``+ / #``."""
    return bool(text) and _FORBIDDEN.search(text) is None


def state_topic(host_id: str) -> str:
    """Where a host application says whether it is online."""
    return f"{NAMESPACE}/{Verb.STATE}/{host_id}"


def legacy_state_topic(host_id: str) -> str:
    """The same in version 2 of the specification."""
    return f"{Verb.STATE}/{host_id}"


def _checked(topic: str, what: str, text: str) -> str:
    if not valid_id(text):
        raise TopicError(f"{topic!r}: {text!r} is no {what}")
    return text


DEVICE_VERBS = frozenset({Verb.DBIRTH, Verb.DDEATH, Verb.DDATA, Verb.DCMD})
_VERBS = {verb.value: verb for verb in Verb}
# Wildcards, the level separator, NUL, and halves of surrogate pairs, which UTF-8 cannot express.
_FORBIDDEN = re.compile("[+/#\0\ud800-\udfff]")
