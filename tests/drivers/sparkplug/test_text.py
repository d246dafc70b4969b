"""Any message as text for people."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.sparkplug.metric_text import format_time, format_value
from drivers.sparkplug.model import (
    DataSet,
    MetaData,
    Metric,
    MetricType,
    MetricValue,
    Parameter,
    Payload,
    Property,
    Template,
)
from drivers.sparkplug.payload import encode
from drivers.sparkplug.sparkplug_b_pb2 import Payload as PbPayload
from drivers.sparkplug.state import HostState, format_state
from drivers.sparkplug.text import describe
from tests.drivers.sparkplug.strategies import PAYLOADS

DDATA = "spBv1.0/Plant/DDATA/Line 1/Filler"
TIME_MS = 1_774_965_900_250


def test_a_birth_shows_everything_it_carries() -> None:
    payload = Payload(
        TIME_MS,
        (
            Metric(
                "Tank/Level",
                12.8,
                MetricType.FLOAT,
                0,
                TIME_MS,
                properties={
                    "Quality": Property(MetricType.INT32, 192),
                    "engUnit": Property(MetricType.STRING, "%"),
                    "limits": Property(MetricType.PROPERTY_SET, {"high": Property(MetricType.DOUBLE, None)}),
                    "sets": Property(
                        MetricType.PROPERTY_SET_LIST, ({"a": Property(MetricType.BOOLEAN, True)}, {})
                    ),
                },
            ),
            Metric("Speed", None, MetricType.INT32, 1, is_historical=True, is_transient=True),
            Metric(
                "Recipes",
                DataSet(("Name", "ml"), (MetricType.STRING, MetricType.INT32), (("Cola", 500), (None, 1))),
                MetricType.DATASET,
            ),
            Metric(
                "Motor",
                Template(
                    False,
                    "_types_/Motor",
                    "1.0",
                    (Metric("Running", True, MetricType.BOOLEAN),),
                    (Parameter("Index", MetricType.INT32, 3),),
                ),
                MetricType.TEMPLATE,
            ),
            Metric("Log", b"\x00\x01", MetricType.FILE, metadata=MetaData(size=2, file_name="a.bin")),
        ),
        0,
    )
    message = encode(payload)
    assert describe("spBv1.0/Plant/DBIRTH/Line 1/Filler", message).splitlines() == [
        f"spBv1.0/Plant/DBIRTH/Line 1/Filler  {len(message)} bytes",
        "timestamp  2026-03-31 14:05:00.250 UTC",
        "seq        0",
        "metrics    5",
        "  Tank/Level (alias 0)  Float = 12.8  [2026-03-31 14:05:00.250 UTC]",
        "      .Quality  Int32 = 192 GOOD",
        '      .engUnit  String = "%"',
        "      .limits  PropertySet",
        "          .high  Double = null",
        "      .sets  PropertySetList of 2",
        "          [0]",
        "              .a  Boolean = true",
        "          [1]",
        "  Speed (alias 1)  Int32 = null  [historical, transient]",
        "  Recipes  DataSet = 2 rows of 2 columns",
        "      | Name (String) | ml (Int32) |",
        '      | "Cola"        | 500        |',
        "      | null          | 1          |",
        "  Motor  Template = instance of _types_/Motor, version 1.0, 1 members",
        "      parameter Index  Int32 = 3",
        "      Running  Boolean = true",
        "  Log  File = 2 bytes 00 01",
        '      metadata size 2, file_name "a.bin"',
    ]


def test_data_show_the_types_and_names_of_the_birth() -> None:
    message = encode(Payload(None, (Metric(None, -5, MetricType.INT32, 3),), 7), datatypes=False)
    assert describe(DDATA, message).splitlines()[1:] == [
        "timestamp  none",
        "seq        7",
        "metrics    1",
        "  alias 3 = 4294967291",
    ]
    line = describe(DDATA, message, lambda _name, alias: MetricType.INT32, names={3: "Speed"}.get)
    assert line.splitlines()[-1] == "  Speed (alias 3)  Int32 = -5"


def test_a_metric_that_cannot_be_read_does_not_hide_the_others() -> None:
    message = PbPayload(
        metrics=[
            {"name": "a", "datatype": 1, "int_value": 300},  # type: ignore[list-item]
            {"name": "b", "datatype": 1, "int_value": 3},  # type: ignore[list-item]
        ]
    ).SerializeToString()
    assert describe(DDATA, message).splitlines()[4:] == [
        "  ! metrics[0] 'a': int_value 300 does not fit Int8",
        "  b  Int8 = 3",
    ]


@pytest.mark.parametrize(
    ("topic", "payload", "lines"),
    [
        (
            "spBv1.0/STATE/h",
            format_state(HostState(True, TIME_MS)),
            ["online", "timestamp  2026-03-31 14:05:00.250 UTC"],
        ),
        ("STATE/h", b"OFFLINE", ["offline", "timestamp  none"]),
        (
            "spBv1.0/STATE/h",
            b"{}",
            ["! STATE: online is missing, not true or false", "{}"],
        ),
        ("plc/x", b'{"a": [1, "\xc3\xa4"]}', ["{", '  "a": [', "    1,", '    "ä"', "  ]", "}"]),
        ("plc/x", b"12.5", ["12.5"]),
        ("plc/x", b"hello\nworld\t!", ["hello", "world\\t!"]),
        ("plc/x", b"", ["empty"]),
        ("plc/x", b"\x00AB\xff", ["000000  00 41 42 ff                                      .AB."]),
        ("plc/x", b"beep\x07", ["000000  62 65 65 70 07                                   beep."]),
        (
            "spBv1.0/Plant/STATE/h",
            b"ONLINE",
            ["! 'spBv1.0/Plant/STATE/h': 'STATE' is no message type", "ONLINE"],
        ),
        (
            DDATA,
            b"\xff\xff",
            [
                "! payload: 2 bytes that are no Sparkplug B payload",
                "000000  ff ff                                            ..",
            ],
        ),
        (DDATA, b"", ["timestamp  none", "seq        none", "metrics    0"]),
    ],
)
def test_every_kind_of_message_is_shown_as_what_it_is(topic: str, payload: bytes, lines: list[str]) -> None:
    assert describe(topic, payload).splitlines()[1:] == lines


def test_a_sparkplug_payload_on_a_wrong_topic_is_still_decoded() -> None:
    text = describe("spBv1.0/Plant/DDATA/Line 1", encode(Payload(5, (Metric("a", 1, MetricType.INT8),))))
    assert "! 'spBv1.0/Plant/DDATA/Line 1' has 4 levels; DDATA has 5" in text
    assert "a  Int8 = 1" in text


def test_uuid_and_body_are_shown() -> None:
    text = describe(DDATA, encode(Payload(uuid="u-1", body=b"\x01" * 40)))
    assert "uuid       u-1\n" in text
    assert "body       40 bytes 01 01" in text


class TestLimits:
    def test_a_long_message_is_cut(self) -> None:
        metrics = tuple(Metric(f"m{n}", n, MetricType.INT32) for n in range(5000))
        lines = describe(DDATA, encode(Payload(metrics=metrics)), max_lines=50).splitlines()
        assert len(lines) == 51
        assert lines[-1] == "… cut after 50 lines"

    def test_a_long_dump_is_cut(self) -> None:
        lines = describe("x", b"\xff" * 5000).splitlines()
        assert len(lines) == 66
        assert lines[-1] == "… 3976 more bytes"

    def test_long_values_are_cut(self) -> None:
        text = describe(DDATA, encode(Payload(metrics=(Metric("m", "x" * 5000, MetricType.STRING),))))
        assert f'= "{"x" * 200}… (5000 characters)"' in text

    def test_a_large_table_is_cut(self) -> None:
        table = DataSet(("n" * 50,), (MetricType.INT32,), tuple((n,) for n in range(100)))
        lines = describe(
            DDATA, encode(Payload(metrics=(Metric("m", table, MetricType.DATASET),)))
        ).splitlines()
        assert lines[5] == f"      | {'n' * 23}… (Int32) |"
        assert lines[-1] == "      … 80 more rows"

    def test_a_long_line_of_others_is_cut(self) -> None:
        assert len(describe("x", b"x" * 5000).splitlines()[1]) == 1001


def test_nothing_a_node_sends_steers_the_terminal() -> None:
    evil = "a\x1b[2J\u202eb\nc\x9b"
    payload = Payload(
        metrics=(
            Metric(evil, evil, MetricType.STRING, properties={evil: Property(MetricType.STRING, evil)}),
            Metric("t", DataSet((evil,), (MetricType.TEXT,), ((evil,),)), MetricType.DATASET),
            Metric("x", Template(False, evil, evil, (), (Parameter(evil, MetricType.TEXT, evil),))),
        ),
        uuid=evil,
    )
    for topic in (DDATA, f"spBv1.0/{evil}", "x"):
        text = describe(topic, encode(payload))
        assert all(character == "\n" or character.isprintable() for character in text)
    assert r"a\x1b[2J\u202eb\nc\x9b" in describe(DDATA, encode(payload))


@pytest.mark.parametrize(
    ("type_", "value", "text"),
    [
        (MetricType.FLOAT, 0.10000000149011612, "0.1"),
        (MetricType.DOUBLE, 0.1, "0.1"),
        (MetricType.FLOAT, float("nan"), "nan"),
        (MetricType.BOOLEAN, False, "false"),
        (MetricType.DATETIME, TIME_MS, "2026-03-31 14:05:00.250 UTC"),
        (MetricType.DATETIME_ARRAY, (0,), "[1970-01-01 00:00:00.000 UTC]"),
        (MetricType.STRING_ARRAY, ("a", ""), '["a", ""]'),
        (MetricType.INT8_ARRAY, (), "[]"),
        (MetricType.INT8_ARRAY, (1,) * 40, f"[{', '.join(['1'] * 32)}, … (40 elements)]"),
        (MetricType.BYTES, b"", "0 bytes"),
        (MetricType.BYTES, b"\x01" * 40, f"40 bytes {' '.join(['01'] * 32)} …"),
        (MetricType.TEMPLATE, Template(True), "definition, 0 members"),
        (None, None, "null"),
    ],
)
def test_values_are_short(type_: MetricType | None, value: MetricValue | None, text: str) -> None:
    assert format_value(type_, value) == text


@given(st.integers(0, 2**64 - 1))
def test_every_time_can_be_shown(time_ms: int) -> None:
    assert format_time(time_ms).endswith(("UTC", f"{time_ms} (no date)"))


TOPICS = st.sampled_from([DDATA, "spBv1.0/STATE/h", "STATE/h", "spBv1.0/x", "plc/x", ""]) | st.text(
    max_size=20
)
CONTENT = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
).map(lambda content: json.dumps(content).encode())


@given(TOPICS, st.binary(max_size=200) | CONTENT | PAYLOADS.map(encode) | st.text().map(str.encode))
def test_it_never_fails(topic: str, payload: bytes) -> None:
    text = describe(topic, payload)
    assert text.count("\n") <= 1001
    assert all(character == "\n" or character.isprintable() for character in text)


@pytest.mark.parametrize("payload", [b"[" * 100_000, b"9" * 10_000, b'{"a":' * 400 + b"1" + b"}" * 400])
def test_json_meant_to_hurt_is_shown_as_text(payload: bytes) -> None:
    assert describe("plc/x", payload)
