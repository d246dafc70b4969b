"""The tags of the filler, followed together and read as facts."""

from PySide6.QtCore import QObject, Signal

from hmi.panel.context import PanelContext
from hmi.panel.filler_state import ALARM_BITS, FillerState
from hmi.panel.tag_binding import TagBinding

_STATE_TAGS = ("SystemRunning", "Fault", "Ready", "AutoMode", "StateCurrent")


class MachineTags(QObject):
    """Facts from the state tags of one connection; start and stop it with the widget that shows them."""

    changed = Signal()

    def __init__(self, context: PanelContext, connection: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.connection = connection
        self._bindings = {
            name: TagBinding(context, f"{connection}/{name}", self) for name in (*_STATE_TAGS, *ALARM_BITS)
        }
        for binding in self._bindings.values():
            binding.look_changed.connect(self.changed)

    def start(self) -> None:
        for binding in self._bindings.values():
            binding.start()

    def stop(self) -> None:
        for binding in self._bindings.values():
            binding.stop()

    def state(self) -> FillerState:
        number = self._live("StateCurrent")
        bits = [self._bit(name) for name in ALARM_BITS]
        return FillerState(
            running=self._bit("SystemRunning"),
            fault=self._bit("Fault"),
            ready=self._bit("Ready"),
            auto=self._bit("AutoMode"),
            packml=number if isinstance(number, int) and not isinstance(number, bool) else None,
            alarm_bits=True if True in bits else None if None in bits else False,
        )

    def state_since_us(self) -> int | None:
        """Since when the PackML state is what it is, as far as is known."""
        binding = self._bindings["StateCurrent"]
        if binding.definition is None:
            binding = self._bindings["SystemRunning"]
        return binding.state.sample.source_time_us if binding.state and binding.look.kind.live else None

    def _live(self, name: str) -> object:
        look = self._bindings[name].look
        return look.raw if look.kind.live else None

    def _bit(self, name: str) -> bool | None:
        value = self._live(name)
        return value if isinstance(value, bool) else None


def filler_connection(context: PanelContext) -> str:
    """The controller of the first machine, else the first one there is; empty if there is none."""
    config = context.config
    machines = [machine.connection for machine in config.machines if machine.connection]
    connections = [connection.id for connection in config.plc_connections]
    return next(iter([*machines, *connections]), "")
