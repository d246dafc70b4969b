"""The plant file by example loads as it stands."""

import pytest
from pydantic import ValidationError

from engine.config import Limit, limits_for, load_plant, tag_defs
from engine.model import Access, DataType, Scaling, TypeSpec
from tests.engine.config.plants import CONTROLLER, EXAMPLE, parse


def test_the_example_loads_with_its_values():
    config = load_plant(EXAMPLE, {})
    assert config.site.name == "Bottling hall"
    assert config.site.timezone == "Europe/Berlin"
    assert config.mqtt is not None
    assert config.mqtt.broker_port == 1883
    assert config.mqtt.password is None
    assert config.sparkplug is not None
    assert config.sparkplug.store_and_forward.max_age_hours == 72
    assert config.plc_connections[0].tags[1].range == (0.0, 100.0)
    assert config.machines[0].targets.availability == 0.90
    assert config.alarms[1].priority_of("HH") == 1
    assert config.alarms[0].priority_of("HH") == 2
    assert config.shifts[2].end == "06:00"
    assert config.stop_reasons[0].children[1].code == "CHANGE"
    assert config.monitoring.health_port == 8002
    assert config.panel.auto_logout_min == 10


def test_names_in_the_example_that_lead_nowhere_are_warnings_with_their_place():
    warnings = load_plant(EXAMPLE, {}).warnings
    assert [(warning.key_path, warning.message) for warning in warnings] == [
        ("machines[0].states.running", "there is no tag 'SystemRunning' on connection 'production_line_1'"),
        ("machines[0].states.fault", "there is no tag 'Fault' on connection 'production_line_1'"),
        ("alarms[0].tag", "there is no tag 'LowProductLevel' on any connection"),
        ("alarms[1].tag", "there is no tag 'TankPressure' on any connection"),
    ]
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    assert "SystemRunning" in lines[warnings[0].line - 1]
    assert lines[warnings[0].line - 1][warnings[0].column - 1 :] == "SystemRunning"


def test_unknown_connections_and_machines_are_warnings_with_a_near_miss():
    config = parse(
        CONTROLLER
        + "mqtt: {}\nsparkplug: {group_id: G, node_id: N}\n"
        + "machines: [{id: filler, connection: line2}]\n"
        + "metric_mappings: [{machine_id: filer, sparkplug_metric_name: a, oee_metric_type: CYCLE_START}]\n"
    )
    assert [(warning.key_path, warning.near_miss) for warning in config.warnings] == [
        ("machines[0].connection", "line1"),
        ("metric_mappings[0].machine_id", "filler"),
    ]


def test_what_needs_a_broker_and_has_none_is_a_warning():
    config = parse(
        "schema_version: 1\nsparkplug: {group_id: G, node_id: N}\nplc_connections:\n"
        "  - {id: a, type: SPARKPLUG}\n  - {id: b, type: MQTT_JSON}\n"
        "  - id: c\n    type: MQTT_JSON\n    host: h\n"
        "    tags: [{name: A, address: t $.a, data_type: REAL, writable: true}]\n"
    )
    assert [(warning.key_path, warning.message.split(":")[0]) for warning in config.warnings] == [
        ("sparkplug", "Sparkplug is not used"),
        ("plc_connections[0].type", "remote metrics need the mqtt and sparkplug sections with subscribe"),
        ("plc_connections[1].type", "there is no broker"),
        ("plc_connections[2].type", "writable tags cannot be written without a command_topic"),
    ]


def test_commands_are_allowed_for_writable_tags_by_connection_or_machine():
    config = parse(
        CONTROLLER
        + "    tags: [{name: A, address: 'DB1,0', data_type: REAL, writable: true}]\n"
        + "machines: [{id: filler, connection: line1}]\nmqtt: {}\n"
        + "sparkplug: {group_id: G, node_id: N, inbound_commands: allow,\n"
        + "  command_allowlist: [line1/A, filler/A, filler/B]}\n"
    )
    assert [(warning.key_path, warning.message) for warning in config.warnings] == [
        ("sparkplug.command_allowlist[2]", "there is no writable tag 'filler/B'")
    ]


def test_limits_given_twice_for_a_tag_are_a_warning():
    alarm = "{tag: A, limits: {H: 2}}"
    config = parse(
        CONTROLLER
        + "    tags: [{name: A, address: 'DB1,0', data_type: REAL}]\n"
        + f"alarms: [{alarm}, {alarm}]\n"
    )
    assert [warning.key_path for warning in config.warnings] == ["alarms[1].tag"]


def test_a_config_cannot_be_changed():
    config = load_plant(EXAMPLE, {})
    with pytest.raises(ValidationError):
        config.site.name = "other"  # type: ignore[misc]


def test_an_almost_empty_file_gets_all_defaults():
    config = parse("schema_version: 1")
    assert config.mqtt is None
    assert config.plc_connections == ()
    assert config.database.url == "sqlite:///history.db"
    assert config.processing.batch_size == 10_000
    assert config.panel.theme == "paper"


def test_a_controller_gets_family_and_port_by_its_type():
    siemens = parse(CONTROLLER).plc_connections[0]
    assert (siemens.family, siemens.port, siemens.rack, siemens.slot) == ("S7-1500", 102, 0, 1)
    logix = parse(CONTROLLER.replace("SIEMENS_S7", "ALLEN_BRADLEY")).plc_connections[0]
    assert (logix.family, logix.port) == ("ControlLogix", 44818)
    broker = parse("schema_version: 1\nplc_connections: [{id: b, type: MQTT_JSON}]").plc_connections[0]
    assert (broker.family, broker.host, broker.port) == (None, None, None)


@pytest.mark.parametrize(
    ("written", "tsap"), [("'10.00'", 0x1000), ("0x2000", 0x2000), ("null", None), ("'02.0a'", 0x020A)]
)
def test_a_tsap_is_written_as_siemens_does(written, tsap):
    assert parse(f"{CONTROLLER}    remote_tsap: {written}\n").plc_connections[0].remote_tsap == tsap


def test_tags_become_tag_definitions():
    config = parse(
        CONTROLLER
        + """\
    tags:
      - name: TankLevel
        address: DB1.DBW4
        data_type: int
        description: Tank level
        unit: "%"
        range: [0, 100]
        normal: [20, 90]
        decimals: 2
        scale: {raw: [0, 27648], engineering: [0, 100]}
        deadband: 0.1
      - {name: Start, address: DB1.DBX0.1, data_type: BOOL, writable: true, pulse: true, history: false}
"""
    )
    level, start = tag_defs(config, "line1")
    assert level.key == "line1/TankLevel"
    assert level.type == TypeSpec(DataType.INT)
    assert level.scaling == Scaling((0.0, 27648.0), (0.0, 100.0))
    assert (level.unit, level.description, level.decimals) == ("%", "Tank level", 2)
    assert (level.range, level.normal, level.deadband) == ((0.0, 100.0), (20.0, 90.0), 0.1)
    assert (level.access, level.history, level.pulse) == (Access.READ, True, False)
    assert (start.access, start.history, start.pulse) == (Access.READ_WRITE, False, True)


def test_tags_of_an_unknown_connection_are_a_key_error():
    with pytest.raises(KeyError):
        tag_defs(parse(CONTROLLER), "line2")


def test_limits_for_displays_come_from_the_alarms():
    config = load_plant(EXAMPLE, {})
    limits = limits_for(config, "production_line_1", "TankPressure")
    assert limits is not None
    assert limits.hh == Limit(24.0, 1)
    assert limits.ll == Limit(6.0, 1)
    assert limits.text == "Tank pressure"
    assert limits_for(config, "production_line_1", "LowProductLevel") is None
    assert limits_for(config, "production_line_1", "FillLevel") is None


def test_limits_of_a_tag_on_one_connection_do_not_show_on_another():
    config = parse("schema_version: 1\nalarms: [{tag: a/Level, limits: {H: 2}, priority: {H: 4}}]")
    limits = limits_for(config, "a", "Level")
    assert limits is not None
    assert limits.h == Limit(2.0, 4)
    assert limits.l is None
    assert limits_for(config, "b", "Level") is None
