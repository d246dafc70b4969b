"""What the System card says of polling."""

import pytest

from engine.connections import PollingStatus, PollProcessStatus
from hmi.panel.diagnostics.polling_text import polling_text
from hmi.panel.diagnostics.system_card import SystemCard
from tests.hmi.panel.plant_bench import Bench

ONE = PollProcessStatus("Polling 1", 4711, 100, 0.118, 45.8, 0, 0)
REASON = "Polling is estimated to take 11 % of a core, which is too much beside the panel"


@pytest.mark.parametrize(
    ("processes", "text"),
    [
        ((), "in this process"),
        ((ONE,), "1 worker process, 12 % of a core, 48 MB, 100 controllers"),
        (
            (ONE, PollProcessStatus("Polling 2", 4712, 1, 0.3, 40.0, 2, 0)),
            "2 worker processes, 42 % of a core, 90 MB, 101 controllers, started again 2 times",
        ),
        (
            (PollProcessStatus("Polling 1", None, 1, 0.0, 0.0, 1, 0),),
            "1 worker process, 1 not running, 1 controller, started again once",
        ),
    ],
)
def test_where_polling_happens_and_what_it_costs(qapp, processes, text):
    assert polling_text(PollingStatus(processes, REASON)) == text


class Polling:
    def status(self):
        return PollingStatus((ONE,), REASON)


def test_the_card_says_it_and_why(qtbot, panel_fonts):
    bench = Bench()
    bench.polling = Polling()
    card = SystemCard(bench.context)
    qtbot.addWidget(card)
    card.resize(700, 300)
    card.show()
    assert card._polling.accessibleName() == f"Polling: {polling_text(Polling().status())}"
    assert card._polling_reason.accessibleName() == REASON
    bench.context.close()


def test_the_card_is_silent_where_nothing_is_polled(qtbot, panel_fonts):
    bench = Bench()
    card = SystemCard(bench.context)
    qtbot.addWidget(card)
    card.show()
    assert not card._polling.isVisible()
    bench.context.close()
