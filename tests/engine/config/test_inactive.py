"""What a file sets and this version does not act on is said, and only that."""

import pytest

from engine.config import inactive_parts, load_plant
from tests.engine.config.plants import CONTROLLER, EXAMPLE, parse


def test_the_example_names_every_part_that_is_still_to_come():
    notices = inactive_parts(load_plant(EXAMPLE, {}))
    assert [notice.key_path for notice in notices] == [
        "plc_connections[0].tags[0].oee_metric_type",
        "metric_mappings",
        "machines[0].ideal_cycle_time_s",
        "machines[0].microstop_s",
        "machines[0].targets",
        "alarms",
        "shifts",
        "stop_reasons",
        "processing.quality_threshold",
        "monitoring.metrics_port",
        "monitoring.health_port",
        "monitoring.bind",
        "panel.auto_logout_min",
    ]
    assert all("not active in this version" in notice.text for notice in notices)


def test_what_the_file_leaves_out_is_not_mentioned():
    assert (
        inactive_parts(parse(CONTROLLER + "panel: {theme: graphite}\nmonitoring: {log_level: DEBUG}\n")) == ()
    )


@pytest.mark.parametrize(
    ("text", "key_path"),
    [
        ("database: {url: mssql+mssqlpython://user@host/db}", "database.url"),
        ("panel: {language: de}", "panel.language"),
        ("panel: {start_page: oee}", "panel.start_page"),
    ],
)
def test_some_values_of_an_active_key_are_still_to_come(text, key_path):
    (notice,) = inactive_parts(parse(f"schema_version: 1\n{text}\n"))
    assert notice.key_path == key_path


@pytest.mark.parametrize(
    "text",
    [
        "plc_connections: [{id: a, type: SIEMENS_S7, host: h, max_connections: 2}]",
        "plc_connections: [{id: a, type: ALLEN_BRADLEY, family: PLC-5, host: h}]",
        "database: {url: 'sqlite:///other.db'}",
        "panel: {language: en, start_page: trends}",
        "monitoring: {metrics_port: null}",
        "alarms: []",
    ],
)
def test_what_works_as_written_is_not_mentioned(text):
    assert inactive_parts(parse(f"schema_version: 1\n{text}\n")) == ()


def test_a_part_set_in_many_places_is_one_notice():
    tag = "{name: T%d, address: 'DB1,0', data_type: BOOL, oee_metric_type: CYCLE_START}"
    tags = ", ".join(tag % number for number in range(3))
    (notice,) = inactive_parts(parse(f"{CONTROLLER}    tags: [{tags}]\n"))
    assert notice.count == 3
    assert str(notice) == (
        "plc_connections[0].tags[0].oee_metric_type (and 2 more): OEE is not active in this version"
    )
