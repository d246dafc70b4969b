"""Topics: taken apart and put together again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.sparkplug.errors import TopicError
from drivers.sparkplug.topic import (
    DEVICE_VERBS,
    NAMESPACE,
    Topic,
    Verb,
    legacy_state_topic,
    parse_topic,
    state_topic,
    valid_id,
)
from tests.drivers.sparkplug.requirements import requirement

IDS = st.text(st.characters(exclude_characters="+/#\0", exclude_categories=["Cs"]), min_size=1, max_size=20)


@st.composite
def topics(draw: st.DrawFn) -> Topic:
    verb = draw(st.sampled_from(Verb))
    if verb is Verb.STATE:
        return Topic("", verb, draw(IDS))
    device = draw(IDS) if verb in DEVICE_VERBS else None
    return Topic(draw(IDS), verb, draw(IDS), device)


@requirement("tck-id-topic-structure", "tck-id-topic-structure-namespace-a")
@given(topics())
def test_every_topic_is_read_as_it_was_written(topic: Topic) -> None:
    assert str(topic).split("/")[0] == NAMESPACE
    assert parse_topic(str(topic)) == topic


@pytest.mark.parametrize("verb", ["NBIRTH", "NDATA", "NDEATH", "NCMD"])
@requirement(
    "tck-id-topic-structure-namespace-device-id-non-associated-message-types",
    "tck-id-topics-nbirth-topic",
    "tck-id-topics-ndata-topic",
    "tck-id-topics-ndeath-topic",
    "tck-id-topics-ncmd-topic",
)
def test_messages_of_a_node_have_no_device(verb: str) -> None:
    assert parse_topic(f"spBv1.0/Plant/{verb}/Line 1") == Topic("Plant", Verb(verb), "Line 1", None)
    assert str(Topic("Plant", Verb(verb), "Line 1")) == f"spBv1.0/Plant/{verb}/Line 1"
    with pytest.raises(TopicError, match=f"{verb} has 4"):
        parse_topic(f"spBv1.0/Plant/{verb}/Line 1/Filler")


@pytest.mark.parametrize("verb", ["DBIRTH", "DDATA", "DDEATH", "DCMD"])
@requirement(
    "tck-id-topic-structure-namespace-device-id-associated-message-types",
    "tck-id-topics-dbirth-topic",
    "tck-id-topics-ddata-topic",
    "tck-id-topics-ddeath-topic",
    "tck-id-topics-dcmd-topic",
)
def test_messages_of_a_device_name_it(verb: str) -> None:
    topic = Topic("Plant", Verb(verb), "Line 1", "Filler")
    assert parse_topic(f"spBv1.0/Plant/{verb}/Line 1/Filler") == topic
    assert str(topic) == f"spBv1.0/Plant/{verb}/Line 1/Filler"
    with pytest.raises(TopicError, match=f"{verb} has 5"):
        parse_topic(f"spBv1.0/Plant/{verb}/Line 1")


def test_the_state_of_a_host_has_a_topic_of_its_own() -> None:
    assert state_topic("Scada 1") == "spBv1.0/STATE/Scada 1"
    assert parse_topic("spBv1.0/STATE/Scada 1") == Topic("", Verb.STATE, "Scada 1", None)
    assert legacy_state_topic("Scada 1") == "STATE/Scada 1"


@pytest.mark.parametrize("id_", ["Line 1", "Füller:3", "STATE", "a\\b", "$x", "1"])
@requirement(
    "tck-id-topic-structure-namespace-valid-group-id",
    "tck-id-topic-structure-namespace-valid-edge-node-id",
    "tck-id-topic-structure-namespace-valid-device-id",
    "tck-id-intro-group-id-string",
    "tck-id-intro-edge-node-id-string",
    "tck-id-intro-device-id-string",
)
def test_an_id_is_any_text(id_: str) -> None:
    assert valid_id(id_)
    assert parse_topic(f"spBv1.0/{id_}/DDATA/{id_}/{id_}") == Topic(id_, Verb.DDATA, id_, id_)


@pytest.mark.parametrize("id_", ["", "a+", "#", "a/b", "nul\0", "half \ud800"])
@requirement(
    "tck-id-intro-group-id-chars",
    "tck-id-intro-edge-node-id-chars",
    "tck-id-intro-device-id-chars",
)
def test_an_id_has_no_characters_that_mean_something_to_a_broker(id_: str) -> None:
    assert not valid_id(id_)
    with pytest.raises(TopicError):
        parse_topic(f"spBv1.0/Plant/DDATA/Line 1/{id_}")
    with pytest.raises(TopicError):
        parse_topic(f"spBv1.0/{id_}/NDATA/Line 1")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("spAv1.0/Plant/NDATA/Line", "outside the namespace spBv1.0"),
        ("STATE/host", "outside the namespace"),
        ("", "outside the namespace"),
        ("spBv1.0", "too few levels"),
        ("spBv1.0/Plant/NDATA", "too few levels"),
        ("spBv1.0/Plant/STATE/host", "'STATE' is no message type"),
        ("spBv1.0/Plant/nbirth/Line", "'nbirth' is no message type"),
        ("spBv1.0/Plant/NRECORD/Line", "'NRECORD' is no message type"),
        ("spBv1.0/STATE/", "'' is no host id"),
        ("spBv1.0/Plant/NDATA/", "'' is no edge node id"),
        ("spBv1.0//NDATA/Line", "'' is no group id"),
        ("spBv1.0/Plant/DDATA/Line/", "'' is no device id"),
        ("spBv1.0/Plant/DDATA/Line/a/b", "6 levels"),
    ],
)
def test_what_is_wrong_with_a_topic_is_said(text: str, why: str) -> None:
    with pytest.raises(TopicError, match=why):
        parse_topic(text)


@given(st.text(max_size=40) | st.text("spBv1.0/NDATASE+#", max_size=40))
def test_any_other_text_is_a_topic_error(text: str) -> None:
    try:
        topic = parse_topic(text)
    except TopicError:
        return
    assert str(topic) == text
