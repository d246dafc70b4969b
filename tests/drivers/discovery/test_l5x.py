"""Projects of Studio 5000."""

from pathlib import Path

import pytest

from drivers.discovery.files import read_tag_file
from drivers.logix.address import format_address, parse_address
from engine.discovery import Browsed, BrowseNode, DiscoveryError
from engine.model import parse_type
from tests.drivers.discovery.tag_paths import addresses, flatten, silent

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(scope="module")
def browsed() -> Browsed:
    return read_tag_file(SAMPLES / "Filler.L5X", silent)


@pytest.fixture(scope="module")
def nodes(browsed) -> dict[str, BrowseNode]:
    return {path.removeprefix("Controller tags."): node for path, node in flatten(browsed).items()}


@pytest.mark.parametrize(
    ("path", "address", "data_type", "writable"),
    [
        ("Filler.BottlePresent", "Filler.BottlePresent", "BOOL", False),
        ("Filler.StartCommand", "Filler.StartCommand", "BOOL", True),
        ("Filler.FillLevel", "Filler.FillLevel", "REAL", True),
        ("Filler.Samples", "Filler.Samples", "INT[4]", True),
        ("Filler.Samples[3].15", "Filler.Samples[3].15", "BOOL", True),
        ("Recipe", "Recipe", "REAL[10]", True),
        ("Recipe[9]", "Recipe[9]", "REAL", True),
        ("Matrix[1,2]", "Matrix[1,2]", "DINT", False),
        ("Status", "Status", "DINT", False),
        ("Status.31", "Status.31", "BOOL", False),
        ("Level", "Filler.FillLevel", "REAL", True),
        ("DoorOpen", "Status.3", "BOOL", False),
        ("ProductName", "ProductName", "STRING[82]", True),
        ("Labels[2]", "Labels[2]", "STRING[20]", True),
        ("V1.Open", "V1.Open", "BOOL", False),
        ("V1.Steps", "V1.Steps", "DINT", False),
        ("Program:MainProgram.FillTimer.ACC", "Program:MainProgram.FillTimer.ACC", "DINT", True),
        ("Program:MainProgram.CycleTime", "Program:MainProgram.CycleTime", "REAL", False),
        ("Program:MainProgram.Target", "Recipe[2]", "REAL", True),
    ],
)
def test_every_tag_has_its_address_type_and_access(nodes, path, address, data_type, writable):
    node = nodes[path]
    assert (node.address, str(node.type), node.writable) == (address, data_type, writable)


def test_every_address_is_one_that_the_driver_reads(browsed):
    found = [node for node in flatten(browsed).values() if node.selectable]
    for node in found:
        assert format_address(parse_address(node.address)) == node.address
        assert parse_type(str(node.type)) == node.type
    assert browsed.count == sum(not node.name.startswith(".") for node in found)


def test_descriptions_come_from_tags_members_and_comments(nodes):
    said = {path: (node.description, node.unit) for path, node in nodes.items()}
    assert said["Filler"] == ("The bottle filler", "")
    assert said["Filler.FillLevel"] == ("Fill level", "%")
    assert said["Filler.Samples[2]"] == ("Last sample", "ml")
    assert said["Status.3"] == ("Door open", "")
    assert said["DoorOpen"] == ("Door open", "")
    assert said["Recipe[4]"] == ("Recipe [4]", "ml")


@pytest.mark.parametrize("path", ["Filler.Secret", "Hidden", "V1.Inner"])
def test_what_may_not_be_reached_from_outside_says_so(nodes, path):
    assert nodes[path].reason == "the controller's program does not allow access to it"
    assert not nodes[path].selectable


def test_what_the_file_does_not_tell_is_said(nodes):
    assert "AXIS_CIP_DRIVE" in nodes["Axis"].reason
    assert nodes["Sensor"].reason.startswith("it stands for Local:1:I.Data.3")
    assert "V1.Source" not in nodes


def test_controller_and_family_are_named(browsed):
    assert (browsed.source, browsed.type, browsed.family) == (
        "Filler.L5X: Filler 1756-L83E",
        "ALLEN_BRADLEY",
        "ControlLogix",
    )


def project(tags: str) -> str:
    return f"<RSLogix5000Content><Controller><Tags>{tags}</Tags></Controller></RSLogix5000Content>"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("<RSLogix5000Content/>", "expected a project exported as L5X"),
        ("<RSLogix5000Content><Controller/></RSLogix5000Content>", "has no tags"),
        (
            project('<Tag DataType="DINT"/>'),
            "expected a Name in <Tag>",
        ),
        (
            project('<Tag Name="A" Dimensions="x"/>'),
            "expected up to three dimensions of A, found 'x'",
        ),
    ],
)
def test_other_files_are_refused_with_a_sentence(tmp_path, text, complaint):
    path = tmp_path / "other.L5X"
    path.write_text(text)
    with pytest.raises(DiscoveryError, match=complaint):
        read_tag_file(path, silent)


def test_aliases_in_a_circle_lead_nowhere(tmp_path):
    path = tmp_path / "circle.L5X"
    tags = '<Tag Name="A" AliasFor="B"/><Tag Name="B" AliasFor="A"/><Tag Name="C" AliasFor="A.1"/>'
    path.write_text(project(tags))
    assert addresses(read_tag_file(path, silent)) == {}
