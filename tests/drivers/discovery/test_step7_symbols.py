"""Symbol tables of STEP 7 V5."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.discovery.files import read_tag_file
from drivers.discovery.step7_symbols import browse_symbols
from engine.discovery import DiscoveryError
from tests.drivers.discovery.tag_paths import addresses, flatten, silent

SAMPLES = Path(__file__).parent / "samples"


@pytest.mark.parametrize("name", ["Symbols.asc", "Symbols.sdf"])
def test_both_forms_give_the_same_symbols(name):
    browsed = read_tag_file(SAMPLES / name, silent)
    nodes = flatten(browsed)
    assert addresses(browsed) == {
        "BottlePresent": "I0.0",
        "FillValve": "Q4.1",
        "Füllstand": "MD20",
        "Motor": "I1.7",
    }
    assert (nodes["Füllstand"].description, nodes["Füllstand"].unit) == ("Tank level", "%")
    assert (nodes["Motor"].writable, nodes["FillValve"].writable) == (False, True)
    assert nodes["Analog in"].reason == "PIW 256 is nothing that can be read as INT"
    assert "Fill" not in nodes
    assert browsed.family == "S7-300"


def test_a_data_block_is_a_folder_without_members():
    browsed = read_tag_file(SAMPLES / "Symbols.asc", silent)
    block = flatten(browsed)["Filler data"]
    assert (block.type_text, block.selectable, list(block.expand())) == ("DB5", False, [])
    assert "generate their sources" in browsed.notices[0]


def test_the_content_decides_when_the_name_is_wrong(tmp_path):
    shutil.copy(SAMPLES / "Symbols.sdf", tmp_path / "Symbols.asc")
    assert addresses(read_tag_file(tmp_path / "Symbols.asc", silent))["Motor"] == "I1.7"


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        (
            "a.asc",
            "126,Name                    M 0.0\nhello",
            "a.asc, line 2: expected '126,' and a symbol, found 'hello'",
        ),
        ("a.asc", "126,Name", "line 1: expected a symbol and its address, found 'Name'"),
        ("a.sdf", '"Name","M 0.0"', 'line 1: expected "symbol","address","data type","comment"'),
        ("a.sdf", '"","","BOOL",""', "line 1: expected a symbol and its address"),
    ],
)
def test_mistakes_are_told_with_their_line(name, text, complaint):
    with pytest.raises(DiscoveryError) as caught:
        browse_symbols(Path(name), text.encode(), silent)
    assert complaint in str(caught.value)


@given(st.lists(st.text(max_size=60), max_size=5), st.sampled_from(["a.asc", "a.sdf"]), st.booleans())
def test_whatever_the_text_only_a_discovery_error_comes(lines, name, marked):
    text = "\n".join(f"126,{line}" if marked else line for line in lines)
    try:
        flatten(browse_symbols(Path(name), text.encode("utf-8", "surrogatepass"), silent))
    except DiscoveryError as error:
        complaint = str(error)
    else:
        complaint = name
    assert complaint.startswith(name)
