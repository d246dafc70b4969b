"""The lines of a plant and what is said under each station."""

from engine.config.loader import parse_plant
from engine.tags import TagDatabase
from hmi.panel.filler_state import FillerState
from hmi.panel.machine_look import StateGlyph
from hmi.panel.overview.plant_lines import plant_lines
from hmi.panel.overview.stations import Station, station_looks
from tests.hmi.panel.plant_bench import Bench

RUNNING = FillerState(running=True, fault=False, ready=True, auto=True, packml=6, alarm_bits=False)
FIGURES = {"BottlesPerMinute": 39, "BottlesFilled": 8640, "BottlesRejected": 216, "NoBottle": False}


def look(bench, station, state=RUNNING, age_s=None, **values):
    line = plant_lines(bench.config, bench.tags)[0]
    looks = station_looks(line, state, FIGURES | values, age_s)
    return next(each for each in looks if each.station is station)


def test_the_demo_has_one_line_with_its_ideal_rate_and_alarm_bits(bench: Bench):
    (line,) = plant_lines(bench.config, bench.tags)
    assert (line.name, line.machine, line.state_key) == ("Line 1", "Filler", "line1/StateCurrent")
    assert line.ideal_per_min == 40.0
    assert line.alarm_bits[0].key == "line1/Fault"
    assert [bit.priority for bit in line.alarm_bits] == sorted(bit.priority for bit in line.alarm_bits)


def test_a_plant_without_state_tags_has_no_line():
    config = parse_plant("schema_version: 1\nsite: {name: Hall}\n", "plant.yaml", {})
    assert plant_lines(config, TagDatabase([])) == []


def test_a_running_line_says_rate_rejects_and_good(bench: Bench):
    assert look(bench, Station.FILLER).text == "39 /min"
    assert look(bench, Station.CHECK).text == "216 rejected"
    assert look(bench, Station.OUTFEED).text == "8\u2009424 good"


def test_a_station_says_what_it_lacks(bench: Bench):
    infeed = look(bench, Station.INFEED, NoBottle=True)
    assert (infeed.glyph, infeed.text) == (StateGlyph.STARVED, "No bottles")
    assert look(bench, Station.CAPPER, CapMissing=True).text == "Caps missing"


def test_without_data_nothing_is_claimed(bench: Bench):
    lost = look(bench, Station.FILLER, age_s=44.0)
    assert lost.lost
    assert lost.text == "No data 44 s"
    assert look(bench, Station.FILLER, FillerState()).lost
