"""Sources of data blocks give the names, types, comments and addresses that STEP 7 shows."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.discovery.files import read_tag_file
from drivers.discovery.tia_blocks import browse_blocks
from drivers.discovery.tia_source import parse_source
from drivers.s7.address import check_type, parse_address
from engine.config import load_plant
from engine.discovery import Browsed, DiscoveryCancelledError, DiscoveryError, with_db_number
from engine.model import parse_type
from tests.drivers.discovery.tag_paths import addresses, flatten, silent

SAMPLES = Path(__file__).parent / "samples"
DEMO = Path(__file__).parents[3] / "resources" / "plants" / "demo.yaml"


def browse(text: str) -> Browsed:
    parsed = parse_source(text, "test.db", silent)
    return browse_blocks("test.db", parsed.blocks, parsed.types, {"X": 1})


def block(members: str, head: str = "{ S7_Optimized_Access := 'FALSE' }") -> str:
    return f'DATA_BLOCK "X"\n{head}\nSTRUCT\n{members}\nEND_STRUCT;\nBEGIN\nEND_DATA_BLOCK\n'


def test_the_source_of_the_line_gives_the_addresses_of_the_demo_plant():
    browsed = read_tag_file(SAMPLES / "Filler.db", silent, {"Filler": 1})
    nodes = {path.removeprefix("Filler."): node for path, node in flatten(browsed).items()}
    tags = load_plant(DEMO, {}).connection("line1").tags
    assert {
        tag.name: (tag.address, tag.type_spec, tag.unit, tag.description, tag.writable) for tag in tags
    } == {
        tag.name: (node.address, node.type, node.unit, node.description, node.writable)
        for tag in tags
        for node in [nodes[tag.name]]
    }
    assert set(nodes) - {tag.name for tag in tags} == {"Filler"} | {name for name in nodes if "Spare" in name}


@pytest.fixture(scope="module")
def station() -> Browsed:
    return read_tag_file(SAMPLES / "Station.db", silent, {"Station 1": 7})


@pytest.mark.parametrize(
    ("path", "address", "data_type"),
    [
        ("Enable", "DB7.DBX0.0", "BOOL"),
        ("Step No.", "DB7.DBW2", "INT"),
        ("Motors[0].Running", "DB7.DBX4.0", "BOOL"),
        ("Motors[0].Speed", "DB7.DBD6", "REAL"),
        ("Motors[0].Name", "DB7.DBB12", "STRING[5]"),
        ("Motors[0].History[3].At", "DB7.DBB56", "DTL"),
        ("Motors[3].History[1].Code", "DB7.DBW212", "INT"),
        ("Levels", "DB7.DBD260", "REAL[10]"),
        ("Levels[9]", "DB7.DBD296", "REAL"),
        ("Matrix[-1,2]", "DB7.DBX300.2", "BOOL"),
        ("Matrix[0,0]", "DB7.DBX301.0", "BOOL"),
        ("Recipe.Title", "DB7.DBB304", "WSTRING[10]"),
        ("Recipe.Volume", "DB7.DBB328", "LREAL"),
        ("Recipe.Delay", "DB7.DBD336", "TIME"),
        ("Recipe.Word64", "DB7.DBB350", "ULINT"),
        ("Recipe.Limits.High", "DB7.DBB359", "SINT"),
        ("Started", "DB7.DBB360", "DATE_AND_TIME"),
        ("Day", "DB7.DBW368", "DATE"),
        ("Clock", "DB7.DBD370", "TOD"),
        ("Letter", "DB7.DBB390", "CHAR"),
        ("Last", "DB7.DBX391.0", "BOOL"),
    ],
)
def test_every_variable_lies_where_step_7_puts_it(station, path, address, data_type):
    node = flatten(station)[f"Station 1.{path}"]
    assert (node.address, str(node.type)) == (address, data_type)


def test_every_address_is_one_that_the_driver_takes(station):
    nodes = [node for node in flatten(station).values() if node.selectable]
    assert len(nodes) == station.count
    for node in nodes:
        assert parse_type(str(node.type)) == node.type
        assert check_type(parse_address(node.address), node.type) == ""


def test_types_that_cannot_be_read_say_why_and_still_take_their_room(station):
    nodes = flatten(station)
    assert nodes["Station 1.Recipe.Pause"].reason == "an S5TIME cannot be read as a value"
    assert nodes["Station 1.OnDelay"].reason == "a timer's data cannot be read as a value"
    assert not nodes["Station 1.Recipe.Wait"].selectable


def test_comments_become_descriptions_and_units(station):
    nodes = flatten(station)
    told = {path: (node.description, node.unit) for path, node in nodes.items()}
    assert told["Station 1"] == ("Filling station", "")
    assert told["Station 1.Levels"] == ("Tank levels", "%")
    assert told["Station 1.Levels[3]"] == ("Tank levels [3]", "%")
    assert told["Station 1.Recipe"] == ("Active recipe", "")
    assert told["Station 1.Recipe.Volume"] == ("Volume per bottle", "ml")
    assert told["Station 1.Motors[2].Speed"] == ("Speed", "rpm")
    assert told["Station 1.Started"] == ("start of the shift", "")


def test_what_tools_may_not_write_is_not_writable(station):
    nodes = flatten(station)
    assert nodes["Station 1.Enable"].writable
    assert not nodes["Station 1.Recipe.Volume"].writable
    assert not nodes["Station 1.Motors[1].Fault"].writable


def test_arrays_of_structures_are_made_when_they_are_opened():
    text = (
        block('Drives : Array[1..5000] of "D";')
        + 'TYPE "D"\nSTRUCT\nA : Int;\nB : Bool;\nEND_STRUCT;\nEND_TYPE\n'
    )
    browsed = browse(text)
    assert browsed.count == 10_000
    (root,) = browsed.roots
    drives = root.expand()[0]
    last = drives.expand()[-1].expand()[-1]
    assert (drives.selectable, last.name) == (False, "[5000]")
    assert [child.address for child in last.expand()] == ["DB1.DBW19996", "DB1.DBX19998.0"]


def test_a_type_may_lie_in_another_file_of_the_folder(tmp_path):
    for name in ("Station.db", "UDT_Motor.udt"):
        shutil.copy(SAMPLES / name, tmp_path)
    browsed = read_tag_file(tmp_path / "Station.db", silent, {"Station 1": 7})
    found = addresses(browsed)
    assert found["Station 1.Enable"] == "DB7.DBX0.0"
    assert "Station 1.Levels" not in found
    assert "UDT_EVENT" in browsed.notices[-1]
    assert flatten(browsed)["Station 1.Levels"].reason.startswith("its place is not known")
    shutil.copy(SAMPLES / "UDT_Event.udt", tmp_path)
    assert addresses(read_tag_file(tmp_path / "Station.db", silent, {"Station 1": 7}))["Station 1.Last"]


def test_without_its_number_a_block_has_no_addresses_until_it_is_given():
    browsed = read_tag_file(SAMPLES / "Filler.db", silent)
    assert addresses(browsed) == {}
    assert "does not tell the number" in browsed.notices[0]
    assert flatten(browsed)["Filler.FillLevel"].type == parse_type("REAL")
    numbered = with_db_number(browsed, "Filler", 12)
    assert addresses(numbered)["Filler.FillLevel"] == "DB12.DBD8"
    with pytest.raises(DiscoveryError, match="no data block Filler that needs a number"):
        with_db_number(numbered, "Filler", 13)
    with pytest.raises(DiscoveryError, match="70000 is no number"):
        with_db_number(browsed, "Filler", 70_000)


def test_the_name_of_the_file_may_tell_the_number(tmp_path):
    shutil.copy(SAMPLES / "Filler.db", tmp_path / "Filler [DB12].db")
    browsed = read_tag_file(tmp_path / "Filler [DB12].db", silent)
    assert addresses(browsed)["Filler.FillLevel"] == "DB12.DBD8"
    given_number = read_tag_file(tmp_path / "Filler [DB12].db", silent, {"Filler": 1})
    assert addresses(given_number)["Filler.FillLevel"] == "DB1.DBD8"


@pytest.mark.parametrize("name", ["DB 5", "DB5", "db5"])
def test_step_7_sources_tell_the_number(name):
    head = f"DATA_BLOCK {name}\nTITLE =\nVERSION : 0.1\n"
    array = "A : ARRAY  [0 .. 3 ] OF  INT  := 4 (7);"
    browsed = browse(f"{head}  STRUCT\n  {array}\n  END_STRUCT ;\nBEGIN\n  A[0] := 1;\nEND_DATA_BLOCK\n")
    assert addresses(browsed)[f"{name.replace(' ', '')}.A[3]"] == "DB5.DBW6"
    assert browsed.family == "S7-300"


def test_optimised_blocks_are_refused_with_what_to_switch_off():
    with pytest.raises(DiscoveryError, match='switch off "Optimized block access"'):
        browse(block("A : Bool;", "{ S7_Optimized_Access := 'TRUE' }"))


def test_one_optimised_block_does_not_hide_the_others():
    browsed = browse(
        block("A : Bool;") + block("B : Bool;", "{S7_Optimized_Access:='TRUE'}").replace('"X"', '"Y"')
    )
    assert list(addresses(browsed)) == ["X.A"]
    assert "The data block Y is left out" in browsed.notices[0]


def test_a_block_can_be_of_a_data_type_or_an_instance_of_a_function_block():
    types = 'TYPE "U"\nVERSION : 0.1\nSTRUCT\nA : Bool;\nB : DInt;\nEND_STRUCT;\nEND_TYPE\n'
    fb = (
        "FUNCTION_BLOCK \"F\"\n{ S7_Optimized_Access := 'FALSE' }\nVAR_INPUT\n i : Bool;\nEND_VAR\n"
        "VAR_OUTPUT\n o : Bool;\nEND_VAR\nVAR_IN_OUT\n s : String;\n n : Int;\nEND_VAR\n"
        "VAR_TEMP\n t : DInt;\nEND_VAR\nVAR CONSTANT\n C : Int := 5;\nEND_VAR\n"
        'VAR RETAIN\n w : Word;\n v AT w : Array[0..15] of Bool;\n u : "U";\nEND_VAR\n'
        "BEGIN\n #o := NOT #i; // it's code\n IF #i THEN #n := 1; END_IF;\nEND_FUNCTION_BLOCK\n"
    )
    head = "{ S7_Optimized_Access := 'FALSE' }\nVERSION : 0.1\nNON_RETAIN\n"
    end = "BEGIN\nEND_DATA_BLOCK\n"
    blocks = f'DATA_BLOCK "X"\n{head}"U"\n{end}DATA_BLOCK DB2\n{head}"F"\n{end}'
    assert addresses(browse(types + fb + blocks)) == {
        "X.A": "DB1.DBX0.0",
        "X.B": "DB1.DBD2",
        "DB2.i": "DB2.DBX0.0",
        "DB2.o": "DB2.DBX2.0",
        "DB2.n": "DB2.DBW10",
        "DB2.w": "DB2.DBW12",
        "DB2.u.A": "DB2.DBX14.0",
        "DB2.u.B": "DB2.DBD16",
    }


def test_newer_sources_declare_with_var():
    head = "{ S7_Optimized_Access := 'FALSE' }\nVERSION : 0.1\nNON_RETAIN\n"
    members = "  A : Bool;\n  B { S7_SetPoint := 'True'} : Real;\n"
    text = f'DATA_BLOCK "X"\n{head}   VAR RETAIN\n{members}   END_VAR\nBEGIN\nEND_DATA_BLOCK'
    assert addresses(browse(text)) == {"X.A": "DB1.DBX0.0", "X.B": "DB1.DBD2"}


def test_a_type_that_contains_itself_has_no_room_for_what_follows():
    browsed = browse(
        block('A : Int;\nB : "U";\nC : Int;')
        + 'TYPE "U"\nSTRUCT\nX : Int;\nY : Array[0..1] of "U";\nEND_STRUCT;\nEND_TYPE'
    )
    assert addresses(browsed) == {"X.A": "DB1.DBW0"}
    assert flatten(browsed)["X.B"].reason.startswith("this type contains itself")


@pytest.mark.parametrize(
    ("members", "complaint"),
    [
        ("A Bool;", "test.db, line 4: expected ':' and a type behind A, found 'Bool'."),
        ("A : ;", "line 4: expected a data type, found ';'."),
        ("A : Bool", "line 5: expected ';' behind the variable"),
        ("A : Array[0-9] of Int;", "expected '..' between the bounds of the array"),
        ("A : Array[0..9] Int;", "expected OF behind the bounds of the array"),
        ("A : Array[0..99999999] of Int;", "expected an array that fits a data block"),
        ("A : String[x;", "expected ';' behind the variable, found 'the end of the file'"),
        ("5 : Bool;", "expected the name of a variable or END_STRUCT, found '5'"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_was_expected(members, complaint):
    with pytest.raises(DiscoveryError) as caught:
        browse(block(members))
    assert complaint in str(caught.value)


def test_a_file_without_data_blocks_says_what_to_choose():
    with pytest.raises(DiscoveryError, match=r"UDT_Motor.udt: expected a DATA_BLOCK, found only types"):
        read_tag_file(SAMPLES / "UDT_Motor.udt", silent)


def test_reading_can_be_cancelled():
    def stop(_done: int, _total: int | None, text: str) -> None:
        if "line" in text:
            raise DiscoveryCancelledError

    with pytest.raises(DiscoveryCancelledError):
        parse_source(block("A : Int;\n" * 10_000), "big.db", stop)


def complaint_about(text: str) -> str:
    """What is said of a source; only its name if it can be read."""
    try:
        flatten(browse(text))
    except DiscoveryError as error:
        return str(error)
    return "test.db"


_WORDS = """DATA_BLOCK TYPE FUNCTION_BLOCK VAR VAR_INPUT END_VAR STRUCT END_STRUCT END_TYPE END_DATA_BLOCK
BEGIN ARRAY OF String Int "X" DB 5 A [ ] .. 0 -1 , : ; := { } AT TITLE = VERSION // (* ' CONSTANT REF_TO #"""


@given(st.lists(st.sampled_from(_WORDS.split()) | st.just("\n") | st.text(max_size=3), max_size=60))
def test_whatever_the_text_only_a_discovery_error_comes(words):
    assert complaint_about(" ".join(words)).startswith("test.db")


@given(st.integers(0, 2000), st.sampled_from(["", ";", '"', "[", "(*", "END_STRUCT;"]))
def test_a_damaged_source_is_never_worse_than_an_error(cut, inserted):
    text = (SAMPLES / "Station.db").read_text()
    assert "test.db" in complaint_about(text[:cut] + inserted + text[cut + 3 :])
