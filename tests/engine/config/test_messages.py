"""What a person reads when a plant file is wrong: place, key, what was expected, what was meant."""

import pytest

from engine.config import ConfigError
from tests.engine.config.plants import CONTROLLER, only_problem, parse, problems_of

TAG = "    tags:\n      - {name: A, address: 'DB1,0', "


def test_a_problem_reads_as_one_line():
    problem = only_problem("schema_version: 1\npanel:\n  theme: papper\n")
    assert str(problem) == (
        'plant.yaml:3:10  panel.theme: "papper" is not one of the choices; '
        "expected one of paper, graphite; did you mean paper?"
    )


def test_all_problems_come_at_once_in_file_order():
    found = problems_of(
        """\
schema_version: 1
sit: {}
mqtt:
  broker_prt: 1
  transport: tpc
plc_connections:
  - id: a b
    type: SIEMENS_S7
    family: Micro800
    tags:
      - {name: A, address: "DB1,0", data_type: INTEGER, range: [5, 1]}
      - {name: A, data_type: BOOL, unit: 1}
  - {id: c, type: SIEMENS_S7, host: x}
  - {id: c, type: SIEMENS_S7, host: y}
panel: {theme: [], theme: paper}
"""
    )
    assert [(problem.line, problem.key_path) for problem in found] == [
        (2, "sit"),
        (4, "mqtt.broker_prt"),
        (5, "mqtt.transport"),
        (7, "plc_connections[0].host"),
        (7, "plc_connections[0].id"),
        (9, "plc_connections[0].family"),
        (11, "plc_connections[0].tags[0].data_type"),
        (11, "plc_connections[0].tags[0].range"),
        (12, "plc_connections[0].tags[1].address"),
        (12, "plc_connections[0].tags[1].name"),
        (12, "plc_connections[0].tags[1].unit"),
        (14, "plc_connections[2].id"),
        (15, "panel.theme"),
        (15, "panel.theme"),
    ]
    with pytest.raises(ConfigError) as caught:
        parse("schema_version: 1\na: 1\nb: 2\n")
    assert str(caught.value).count("\n") == 1


@pytest.mark.parametrize(
    ("section", "key", "near"),
    [
        ("mqtt", "broker_prt", "broker_port"),
        ("mqtt", "port", "broker_port"),
        ("mqtt", "Use-TLS", "use_tls"),
        ("panel", "colour", ""),
        ("processing", "batchsize", "batch_size"),
    ],
)
def test_an_unknown_key_stands_with_the_key_that_was_meant(section, key, near):
    problem = only_problem(f"schema_version: 1\n{section}:\n  {key}: 1\n")
    assert (problem.line, problem.column, problem.message) == (3, 3, "unknown key")
    assert problem.near_miss == near
    assert bool(problem.expected) is not bool(near)


@pytest.mark.parametrize(
    ("line", "message", "expected", "near"),
    [
        ("type: SIEMENS", '"SIEMENS" is not one of the choices', "one of SIEMENS_S7, ", "SIEMENS_S7"),
        ("port: 70000", "70000 is too large", "a whole number from 1 to 65535, or null", ""),
        ("port: x", '"x" is not a whole number', "a whole number from 1 to 65535, or null", ""),
        ("port: 1.5", "1.5 is not a whole number", "a whole number", ""),
        ("port: true", "true is not a whole number", "a whole number", ""),
        ("timeout: 0", "0 is too small", "a number above 0, at most 300 (s)", ""),
        ("timeout: .nan", "nan is not a finite number", "a number", ""),
        ("scan_rate_ms: 5", "5 is too small", "a whole number from 10 to 3600000 (ms)", ""),
        ("enabled: yes", '"yes" is neither true nor false', "true or false", "true"),
        ("family: s7-1510", '"s7-1510" is not one of the choices', "one of S7-300", "S7-1500"),
        ("family: PLC-5", '"PLC-5" is not a family of SIEMENS_S7', "one of S7-1500", ""),
        ("name: 5", "5 is not text; text that looks like something else needs quotes", "text", ""),
        ("tags: {}", "is not a list", "a list", ""),
        ("tags: [1]", "1 is not a group of keys", "a group of keys (name, address", ""),
        ("host: 10.0.0.1/x", '"10.0.0.1/x" is not a host name', "a host name or IP address", ""),
        ("remote_tsap: 10.00", "10 is read as a fraction", "the TSAP in quotes", ""),
    ],
)
def test_a_wrong_value_says_what_was_expected(line, message, expected, near):
    key = line.split(":")[0]
    lines = [each for each in CONTROLLER.splitlines() if not each.strip().startswith(f"{key}:")]
    problem = only_problem("\n".join([*lines, f"    {line}"]))
    assert problem.key_path.startswith(f"plc_connections[0].{key}")
    assert problem.message == message
    assert problem.expected.startswith(expected)
    assert problem.near_miss == near


@pytest.mark.parametrize(
    ("rest", "key", "message", "near"),
    [
        ("data_type: FLOAT", "data_type", '"FLOAT" is not a data type', "REAL"),
        ("data_type: 'BOOLEAN[8]'", "data_type", '"BOOLEAN[8]" is not a data type', "BOOL[8]"),
        ("data_type: DNT", "data_type", '"DNT" is not a data type', "DINT"),
        (
            "data_type: 'INT[0]'",
            "data_type",
            '"INT[0]" is out of bounds: an array holds 1 to 10000 elements',
            "",
        ),
        ("data_type: INT, range: [5]", "range", "has 1 element", ""),
        ("data_type: INT, range: [1, 2, 3]", "range", "has 3 elements", ""),
        ("data_type: INT, range: []", "range", "is an empty list", ""),
        ("data_type: INT, range: [2, 2]", "range", "has its low end not below its high end", ""),
        ("data_type: INT, range: [a, 2]", "range[0]", '"a" is not a number', ""),
        ("data_type: BOOL, normal: [1, 2]", "normal", "cannot be given for a tag of type BOOL", ""),
        (
            "data_type: INT, scale: {raw: [1, 1], engineering: [0, 1]}",
            "scale.raw",
            "has two equal ends, so that nothing can be scaled with it",
            "",
        ),
        (
            "data_type: INT, scale: {raw: [1, 2]}",
            "scale.engineering",
            "is missing (What these two raw values mean, in the tag's unit)",
            "",
        ),
        ("data_type: INT, deadband: -1", "deadband", "-1 is too small", ""),
        (
            "data_type: INT, writable: true, pulse: true",
            "pulse",
            "true makes no sense for a tag that is not BOOL",
            "",
        ),
        (
            "data_type: BOOL, pulse: true",
            "pulse",
            "true makes no sense for a tag that cannot be written",
            "",
        ),
    ],
)
def test_a_wrong_tag_says_what_is_wrong(rest, key, message, near):
    problem = only_problem(f"{CONTROLLER}{TAG}{rest}}}\n")
    assert problem.key_path == f"plc_connections[0].tags[0].{key}"
    assert problem.message == message
    assert problem.near_miss == near


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("site: {timezone: Berlin}", "site.timezone", '"Berlin" is not a time zone'),
        ("site: {timezone: ../../etc}", "site.timezone", '"../../etc" is not a time zone'),
        (
            "sparkplug: {group_id: a, node_id: b, inbound_commands: allow}",
            "sparkplug.command_allowlist",
            "is empty, but inbound_commands is allow",
        ),
        (
            "mqtt: {use_tls: true, client_cert_path: a}",
            "mqtt.client_key_path",
            "does not stand alone: client_key_path is missing",
        ),
        (
            "mqtt: {use_tls: true, client_key_path: a}",
            "mqtt.client_key_path",
            '"a" does not stand alone: client_cert_path is missing',
        ),
        (
            "mqtt: {ca_cert_path: a}",
            "mqtt.ca_cert_path",
            '"a" is given, but the connection is not encrypted',
        ),
        (
            "mqtt: {use_tls: true, pinned_sha256: ab}",
            "mqtt.pinned_sha256",
            '"ab" is not a SHA-256 fingerprint',
        ),
        ("alarms: [{tag: a, priority: 5}]", "alarms[0].priority", "5 is too large"),
        ("alarms: [{tag: a, priority: high}]", "alarms[0].priority", '"high" is not a whole number'),
        (
            "alarms: [{tag: a, priority: {H: 1}}]",
            "alarms[0].priority",
            "is given for each limit, but there are no limits",
        ),
        (
            "alarms: [{tag: a, priority: {H: 1}, limits: {H: 1, L: 0}}]",
            "alarms[0].priority",
            "has no L, but limits has",
        ),
        (
            "alarms: [{tag: a, limits: {H: 1, L: 2}}]",
            "alarms[0].limits.H",
            "1 is not above the limit L, which is 2",
        ),
        ("alarms: [{tag: a, limits: {}}]", "alarms[0].limits", "has no limit in it"),
        (
            "shifts: [{name: a, start: '6:00', end: '14:00'}]",
            "shifts[0].start",
            '"6:00" is not a time of day',
        ),
        (
            "shifts: [{name: a, start: '06:00', end: '06:00'}]",
            "shifts[0].end",
            '"06:00" is the same as start, so that the shift takes no time',
        ),
        (
            "shifts: [{name: a, start: '22:00', end: '06:00', breaks: [{start: '05:30', end: '06:30'}]}]",
            "shifts[0].breaks",
            "has a break 05:30 to 06:30 that is not inside the shift",
        ),
        ("shifts: [{name: a, start: '06:00', end: '07:00', days: []}]", "shifts[0].days", "is an empty list"),
        (
            "stop_reasons: [{code: A, text: a}, {code: B, text: b, children: [{code: A, text: c}]}]",
            "stop_reasons[1].children[0].code",
            '"A" is taken already in line 2',
        ),
        (
            "machines: [{id: a, connection: x}, {id: a, connection: x}]",
            "machines[1].id",
            '"a" is taken already in line 2',
        ),
        (
            "database: {url: 'mysql://host/db'}",
            "database.url",
            "this value is not the address of a database that can be used",
        ),
        ("panel:", "panel", "is empty"),
    ],
)
def test_a_wrong_part_says_what_is_wrong(text, key, message):
    problem = only_problem(f"schema_version: 1\n{text}\n")
    assert problem.key_path == key
    assert problem.message == message
    assert problem.line == 2


def test_a_night_shift_may_have_a_break_after_midnight():
    shift = "{name: a, start: '22:00', end: '06:00', breaks: [{start: '02:00', end: '02:30'}]}"
    assert parse(f"schema_version: 1\nshifts: [{shift}]").shifts[0].breaks[0].start == "02:00"


def test_a_time_zone_is_found_by_its_city():
    assert only_problem("schema_version: 1\nsite: {timezone: Berlin}").near_miss == "Europe/Berlin"


def test_names_may_have_spaces_inside_but_ids_may_not():
    config = parse(CONTROLLER + "    tags: [{name: Fill Level, address: MW2, data_type: INT}]\n")
    assert config.plc_connections[0].tags[0].name == "Fill Level"
    for bad in ("a b", "a/b", "a#", "a+"):
        assert only_problem(CONTROLLER.replace("line1", f"'{bad}'")).key_path == "plc_connections[0].id"


def test_control_characters_never_reach_the_reader():
    problem = only_problem(
        'schema_version: 1\npanel: {theme: "\\e[31m", "\\e[2J\\n": 1}\n'.replace(', "\\e[2J\\n": 1', "")
    )
    assert "\x1b" not in str(problem)
    (unknown,) = problems_of('schema_version: 1\n"\\e[2J": 1\n')
    assert "\x1b" not in str(unknown)


def test_a_hopeless_file_is_not_listed_without_end():
    text = "schema_version: 1\n" + "".join(f"k{number}: 1\n" for number in range(1000))
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert len(caught.value.problems) == 1000
    assert str(caught.value).endswith("... and 800 more problems")
