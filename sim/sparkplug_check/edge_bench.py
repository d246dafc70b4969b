"""An edge node under test with everything the probes need."""

from collections.abc import Callable

from drivers.mqtt.base import Outgoing
from sim.sparkplug_check.edge_observer import EdgeObserver
from sim.sparkplug_check.ledger import Ledger
from sim.sparkplug_check.messages import rebirth_request
from sim.sparkplug_check.observed import Observed
from sim.sparkplug_check.session import CheckSession, Pump, now_ms
from sim.sparkplug_check.setting import Setting


class EdgeBench:
    """One node, watched by ``observer`` whenever a probe waits."""

    def __init__(
        self,
        setting: Setting,
        session: CheckSession,
        group: str,
        node: str,
        host_id: str | None,
        ledger: Ledger,
    ) -> None:
        self.setting = setting
        self.group = group
        self.node = node
        self.host_id = host_id
        self.ledger = ledger
        self.observer = EdgeObserver(group, node, ledger)
        self.last_death: Observed | None = None
        self.obeys = False
        self._session = session
        self._pump = Pump(session, self._on_message)

    @property
    def name(self) -> str:
        return f"{self.group}/{self.node}"

    def publish(self, message: Outgoing) -> None:
        self._session.publish(message)

    def request_rebirth(self, *, value: bool = True, datatype: bool = True) -> None:
        self.publish(rebirth_request(self.group, self.node, now_ms(), value=value, datatype=datatype))

    def answered(self, condition: Callable[[], object]) -> bool:
        """Whether it came true as long as an answer may take."""
        return self._pump.until(condition, self.setting.patience.answer_s)

    def silent(self, broken: Callable[[], object]) -> bool:
        """Whether ``broken`` stayed false for as long as silence is listened to."""
        return not self._pump.until(broken, self.setting.patience.silence_s)

    def watch(self) -> None:
        self._pump.listen(self.setting.patience.watch_s)

    def settle(self) -> None:
        """What is on its way may still arrive."""
        self._pump.listen(self.setting.patience.silence_s / 3)

    def born_after(self, births: int) -> bool:
        """Whether an NBIRTH came after the first ``births``."""
        return self.answered(lambda: self.observer.births > births and self.observer.reborn())

    def _on_message(self, message: Observed) -> None:
        if message.topic == f"spBv1.0/{self.group}/NDEATH/{self.node}":
            self.last_death = message
        self.observer.on_message(message)
