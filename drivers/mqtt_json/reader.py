"""From a message to the samples of its topic's tags. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from drivers.base import AddressError
from drivers.mqtt_json.address import parse_address
from drivers.mqtt_json.json_path import Step
from drivers.mqtt_json.payload import Head, MismatchError, PayloadError, decode, head_of, tag_value
from engine.model import Quality, Sample, TagDef, TypeSpec


class _Place(NamedTuple):
    key: str
    path: tuple[Step, ...]
    type: TypeSpec


class TopicReading(NamedTuple):
    """What one message said: a sample for each tag of its topic and the reasons of the bad ones.

    ``failure`` is why nothing at all could be read, else empty.
    """

    samples: Sequence[Sample]
    errors: Mapping[str, str]
    head: Head
    failure: str = ""


class JsonReader:
    """Knows which tags are where; ``bad_addresses`` says of a tag's key what is wrong with its address."""

    def __init__(self, tags: Sequence[TagDef]) -> None:
        self._places: dict[str, list[_Place]] = {}
        self.bad_addresses: dict[str, str] = {}
        for tag in tags:
            try:
                topic, path = parse_address(tag.address)
            except AddressError as error:
                self.bad_addresses[tag.key] = str(error)
            else:
                self._places.setdefault(topic, []).append(_Place(tag.key, path, tag.type))

    @property
    def topics(self) -> list[str]:
        """Every topic once, in the order of the tags."""
        return list(self._places)

    def keys(self, topic: str) -> list[str]:
        """The tags of a topic."""
        return [place.key for place in self._places.get(topic, ())]

    def read(self, topic: str, payload: bytes, received_us: int) -> TopicReading:
        """Samples have the message's own time, or ``received_us`` where it has none."""
        places = self._places[topic]
        try:
            document = decode(payload)
        except PayloadError as error:
            text = f"{topic}: {error}"
            samples = [Sample(place.key, None, Quality.BAD, received_us) for place in places]
            return TopicReading(samples, {place.key: text for place in places}, Head(None, None), text)
        head = head_of(document)
        time_us = received_us if head.time_us is None else head.time_us
        samples, errors = [], {}
        for place in places:
            try:
                value = tag_value(document, place.path, place.type)
            except MismatchError as error:
                errors[place.key] = str(error)
                samples.append(Sample(place.key, None, Quality.BAD, time_us))
            else:
                samples.append(Sample(place.key, value, Quality.GOOD, time_us))
        return TopicReading(samples, errors, head)
