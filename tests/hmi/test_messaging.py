"""The MQTT part of the composition root."""

from engine.config import parse_plant
from hmi.messaging import allowed_keys

PLANT = """\
schema_version: 1
plc_connections: [{id: line1, type: SIEMENS_S7, host: h}]
machines: [{id: filler, connection: line1}]
"""


def test_a_command_may_be_allowed_by_machine_or_by_connection():
    config = parse_plant(PLANT, "plant.yaml", {})
    assert allowed_keys(config, ["filler/A/B", "line1/C", "other/D"]) == {"line1/A/B", "line1/C", "other/D"}
