"""What the journal says of a connection, and how often."""

import dataclasses

from engine.connection_events import ConnectionJournal
from engine.connections import ConnectionState, ConnectionStatus

NO_ANSWER = "No answer from 10.0.0.1:102 for 1.0 s; check the cable, the controller's power and its load"
NO_SLOT = "10.0.0.5:44818 has no free connection; end another client's"
UP = ConnectionStatus(
    "line1", "ALLEN_BRADLEY", "ControlLogix", "10.0.0.5:44818", ConnectionState.CONNECTED, 1
)


def down(cause):
    return dataclasses.replace(UP, state=ConnectionState.DISCONNECTED, since_us=2, cause=cause)


def tell(statuses):
    """The texts, where ``statuses`` follow one another, one a second."""
    journal, old, texts = ConnectionJournal(), None, []
    for second, status in enumerate(statuses):
        event = journal.tell(old, status, second * 1_000_000)
        texts += [event.text] if event is not None else []
        old = status
    return texts


def test_an_outage_is_told_once_however_often_it_is_tried_again():
    assert tell([UP, *[down(NO_ANSWER)] * 9])[1:] == [f"Disconnected: {NO_ANSWER}"]


def test_another_cause_of_the_same_outage_is_told():
    told = tell([UP, down(NO_ANSWER), down(NO_SLOT)])
    assert told[1:] == [f"Disconnected: {NO_ANSWER}", f"Still disconnected: {NO_SLOT}"]


def test_causes_that_take_turns_are_told_once_each():
    told = tell([UP, *[down(NO_ANSWER), down(NO_SLOT)] * 20])
    assert len(told) == 3


def test_causes_that_never_repeat_do_not_fill_the_journal():
    assert len(tell([UP, *[down(f"cause {number}") for number in range(100)]])) < 10


def test_the_next_outage_is_told_anew():
    outage = [UP, down(NO_ANSWER), down(NO_SLOT)]
    assert tell(outage * 3) == tell(outage) * 3


def test_a_cause_that_came_later_has_its_own_time():
    event = ConnectionJournal().tell(down(NO_ANSWER), down(NO_SLOT), 7)
    assert event is not None
    assert event.time_us == 7
