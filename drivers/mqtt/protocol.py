"""paho-mqtt as the protocol machine of one session, on a wire of ours and driven by our thread.

paho's own loops, reconnects and threads are not used: they would repeat the old will, send
unacknowledged messages again and make a system call or two for each message. The few methods that
are replaced here are the seam to paho; ``tests/mqtt/test_protocol.py`` notices when it moves.
"""

from collections.abc import Callable

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from drivers.mqtt.base import BrokerSettings, Outgoing
from drivers.mqtt.wire import Wire

REFUSED = 0x80
"""MQTT 5 reason codes from here on are failures."""
WITH_WILL = 0x04


class ProtocolMachine(Client):
    """Reads and writes packets on a ``Wire``; all calls from one thread."""

    def __init__(self, broker: BrokerSettings, client_id: str, will: Outgoing | None) -> None:
        version = MQTTProtocolVersion.MQTTv5 if broker.protocol == "5" else MQTTProtocolVersion.MQTTv311
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id,
            clean_session=None if version == MQTTProtocolVersion.MQTTv5 else True,
            protocol=version,
            reconnect_on_failure=False,
        )
        self.version_5 = version == MQTTProtocolVersion.MQTTv5
        self.max_inflight_messages = 0
        self.on_socket_register_write = _written_by_the_session
        self.on_received: Callable[[MQTTMessage], None] | None = None
        self.on_acknowledged: Callable[[int, int], None] | None = None
        self.on_pong: Callable[[], None] | None = None
        self._broker = broker
        self._wire: Wire | None = None
        if broker.username is not None:
            self.username_pw_set(broker.username, broker.password)
        if will is not None:
            self.will_set(will.topic, will.payload, will.qos, will.retain)

    def open(self, wire: Wire) -> None:
        """Write CONNECT: clean session, on MQTT 5 clean start and a session that ends with the connection."""
        self._wire = wire
        broker = self._broker
        if not self.version_5:
            self.connect(broker.host, broker.port, broker.keep_alive_s)
            return
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = 0
        self.connect(broker.host, broker.port, broker.keep_alive_s, clean_start=True, properties=properties)

    def ping(self) -> None:
        """Write PINGREQ; the answer is reported to ``on_pong``, its absence ends the session."""
        self._send_pingreq()

    def leave(self, with_will: bool) -> None:
        """Write DISCONNECT; on MQTT 5 the broker can be asked to send the will nevertheless."""
        reason = ReasonCode(PacketTypes.DISCONNECT, identifier=WITH_WILL) if with_will else None
        self.disconnect(reason if self.version_5 else None)

    def _create_socket(self) -> Wire:
        if self._wire is None:
            raise ConnectionError("the session has no wire")
        return self._wire

    def _handle_pingresp(self) -> MQTTErrorCode:
        code = super()._handle_pingresp()
        if self.on_pong is not None:
            self.on_pong()
        return code

    def _handle_on_message(self, message: MQTTMessage) -> None:
        if self.on_received is not None:
            self.on_received(message)

    def _do_on_publish(self, mid: int, reason_code: ReasonCode, properties: Properties) -> MQTTErrorCode:
        self._out_messages.pop(mid)
        self._inflight_messages -= 1
        if self.on_acknowledged is not None:
            self.on_acknowledged(mid, reason_code.value)
        return MQTTErrorCode.MQTT_ERR_SUCCESS


def _written_by_the_session(client: Client, userdata: object, sock: object) -> None:
    """That this callback exists keeps paho from writing inside ``publish``."""
