"""Values from the environment."""

import pytest

from tests.engine.config.plants import only_problem, parse, problems_of

MQTT = "schema_version: 1\nmqtt:\n"


def test_a_variable_replaces_its_reference():
    config = parse(MQTT + "  broker_host: ${HOST}.local\n  broker_port: ${PORT:-1883}\n", {"HOST": "broker"})
    assert config.mqtt is not None
    assert config.mqtt.broker_host == "broker.local"
    assert config.mqtt.broker_port == 1883


def test_an_unquoted_value_gets_its_type_after_replacement():
    config = parse(MQTT + "  broker_port: ${PORT}\n  use_tls: ${TLS:-true}\n", {"PORT": "8883"})
    assert config.mqtt is not None
    assert config.mqtt.broker_port == 8883
    assert config.mqtt.use_tls is True


def test_a_default_also_applies_to_a_variable_that_is_empty():
    config = parse(MQTT + "  broker_port: ${PORT:-1884}\n", {"PORT": ""})
    assert config.mqtt is not None
    assert config.mqtt.broker_port == 1884


def test_an_empty_value_is_null_where_null_is_allowed_and_empty_text_elsewhere():
    config = parse(
        "schema_version: 1\nmonitoring: {metrics_port: '${P:-}'}\nmqtt: {username: '${U:-}'}\n"
        "plc_connections:\n  - {id: a, type: MQTT_JSON, name: '${N:-}'}\n"
    )
    assert config.mqtt is not None
    assert config.mqtt.username is None
    assert config.monitoring.metrics_port is None
    assert config.plc_connections[0].name == ""


def test_an_empty_value_where_something_is_needed_says_so():
    problem = only_problem("schema_version: 1\npanel:\n  theme: ${THEME:-}\n")
    assert (problem.key_path, problem.message, problem.expected) == (
        "panel.theme",
        "is empty",
        "one of paper, graphite",
    )


@pytest.mark.parametrize("password", ["1234", "0123", "true", "1e5", "0x10", ".5"])
def test_a_password_that_looks_like_something_else_stays_as_it_is(password):
    config = parse(MQTT + "  password: ${PW}\n", {"PW": password})
    assert config.mqtt is not None
    assert config.mqtt.password is not None
    assert config.mqtt.password.get_secret_value() == password


def test_a_missing_variable_is_named_once_with_its_place_and_a_near_miss():
    problem = only_problem(MQTT + "  broker_port: ${BROKER_PORT}\n", {"BROKER_PORTS": "1"})
    assert (problem.line, problem.column, problem.key_path) == (3, 16, "mqtt.broker_port")
    assert problem.message == "the environment variable BROKER_PORT is not set"
    assert "${BROKER_PORT:-...}" in problem.expected
    assert problem.near_miss == "BROKER_PORTS"


def test_every_missing_variable_is_reported():
    found = problems_of(MQTT + "  broker_host: ${A}-${B}\n  username: ${C}\n")
    assert [problem.message.split()[3] for problem in found] == ["A", "B", "C"]


@pytest.mark.parametrize("text", ["${", "${1X}", "x${A-b}", "${A:-${B}}", "${}"])
def test_what_is_no_reference_is_refused(text):
    found = problems_of(MQTT + f"  broker_host: '{text}'\n")
    assert "not a reference" in found[0].message


def test_two_dollars_stand_for_the_text_itself():
    config = parse(MQTT + "  broker_host: $${HOST}\n")
    assert config.mqtt is not None
    assert config.mqtt.broker_host == "${HOST}"


def test_a_value_from_the_environment_is_never_shown():
    for env in ({"X": "s3cret"}, {"X": "s3cret", "s3cretX": "1"}):
        found = problems_of(
            "schema_version: 1\nmqtt:\n  broker_port: ${X}\n  transport: ${X}\nsite: {timezone: '${X}'}\n"
            "plc_connections:\n  - {id: '${X}', type: '${X}'}\n  - {id: '${X}', type: MQTT_JSON}\n",
            env,
        )
        assert len(found) >= 5
        assert "s3cret" not in str(found)


@pytest.mark.parametrize(
    "text",
    [
        "mqtt: {password: hunter2}",
        "mqtt: {password: '${PW:-hunter2}'}",
        "mqtt: {password: 'hunter2${PW:-}'}",
        "database: {url: 'mssql+mssqlpython://user:hunter2@host/db'}",
        "database: {url: 'mssql+mssqlpython://user:${PW:-hunter2}@host/db'}",
    ],
)
def test_a_password_in_the_file_is_refused_and_not_shown(text):
    problem = only_problem("schema_version: 1\n" + text)
    assert problem.message == "a password must not be written into the file"
    assert "hunter2" not in str(problem)


def test_a_password_in_the_wrong_form_is_not_shown():
    found = problems_of("schema_version: 1\nmqtt: {password: [hunter2], pasword: hunter2}")
    assert len(found) == 2
    assert "hunter2" not in str(found)


def test_passwords_do_not_show_in_the_config():
    config = parse(
        "schema_version: 1\nmqtt: {password: '${PW}'}\n"
        "database: {url: 'mssql+mssqlpython://user:${PW}@host/db'}\n",
        {"PW": "hunter2"},
    )
    assert "hunter2" not in repr(config)
    assert "hunter2" not in str(config)
    assert config.database.shown_url == "mssql+mssqlpython://host/db"
    assert "hunter2" in config.database.url
