"""Tag tables and blocks that TIA Portal exports as XLSX and XML."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.discovery.files import read_tag_file
from drivers.discovery.tia_tables import browse_workbook
from drivers.discovery.xml_tree import parse_xml
from engine.discovery import DiscoveryError
from tests.drivers.discovery.tag_paths import addresses, flatten, silent

SAMPLES = Path(__file__).parent / "samples"
HEADER = [
    *("Name", "Path", "Data Type", "Logical Address", "Comment"),
    *("Hmi Visible", "Hmi Accessible", "Hmi Writeable", "Typeobject ID", "Version ID"),
]
ROWS = [
    ["BottlePresent", "Default tag table", "Bool", "%I0.0", "Bottle present", "True", "True", "True", "", ""],
    ["FillValve", r"Filler\Outputs", "Bool", "%Q4.1", "Fill valve", "True", "True", "False", "", ""],
    ["Level", r"Filler\Process", "Real", "%MD20", "Fill level [%]", "True", "True", "True", "", ""],
    ["Counts", r"Filler\Process", "Int", "%MW30", None, "True", "True", "True", "", ""],
    ["Analog", r"Filler\Process", "Int", "%IW64:P", "", "True", "True", "True", "", ""],
    ["Drive", r"Filler\Process", '"UDT_Drive"', "%M100.0", "", "True", "True", "True", "", ""],
    ["Wrong", r"Filler\Process", "Real", "%MW40", "", "True", "True", "True", "", ""],
]


def workbook(rows: list[list[object]], title: str = "PLC Tags") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    book.create_sheet("TagTable Properties").append(["Path", "BelongsToUnit", "Accessibility"])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_tag_table_as_xlsx(tmp_path):
    path = tmp_path / "PLCTags.xlsx"
    path.write_bytes(workbook([HEADER, *ROWS]))
    browsed = read_tag_file(path, silent)
    nodes = flatten(browsed)
    assert addresses(browsed) == {
        "Default tag table.BottlePresent": "I0.0",
        "Filler.Outputs.FillValve": "Q4.1",
        "Filler.Process.Level": "MD20",
        "Filler.Process.Counts": "MW30",
    }
    assert browsed.count == 4
    assert (nodes["Filler.Process.Level"].description, nodes["Filler.Process.Level"].unit) == (
        "Fill level",
        "%",
    )
    assert [nodes[path].writable for path in addresses(browsed)] == [False, False, True, True]
    assert "process image" in nodes["Filler.Process.Analog"].reason
    assert "no elementary type" in nodes["Filler.Process.Drive"].reason
    assert (
        nodes["Filler.Process.Wrong"].reason
        == "MW40: the address says a word of two bytes, the data type is REAL"
    )


def test_a_row_without_a_name_is_told_with_its_number(tmp_path):
    path = tmp_path / "PLCTags.xlsx"
    path.write_bytes(workbook([HEADER, ROWS[0], [None, "Default tag table", "Bool", "%I0.1"]]))
    with pytest.raises(DiscoveryError, match=r"PLCTags.xlsx, sheet PLC Tags, row 3: expected a name"):
        read_tag_file(path, silent)


def test_another_workbook_says_which_sheet_was_expected(tmp_path):
    path = tmp_path / "Book1.xlsx"
    path.write_bytes(workbook([["a", "b"]], "Sheet1"))
    with pytest.raises(
        DiscoveryError, match=r"expected the sheet PLC Tags .* found Sheet1, TagTable Properties"
    ):
        read_tag_file(path, silent)


def repacked(data: bytes, name: str, content: bytes) -> bytes:
    """The package with one part replaced."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, content if part.filename == name else old.read(part))
    return stream.getvalue()


def test_a_workbook_that_unpacks_to_far_too_much_is_not_read():
    bomb = repacked(workbook([HEADER]), "xl/styles.xml", b" " * (140 * 1024 * 1024))
    assert len(bomb) < 1_000_000
    with pytest.raises(DiscoveryError, match="unpacks to far more"):
        browse_workbook(Path("bomb.xlsx"), bomb, silent)


def test_entities_in_a_workbook_are_refused():
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
    data = repacked(workbook([HEADER, *ROWS]), "xl/worksheets/sheet1.xml", evil)
    with pytest.raises(DiscoveryError, match="document type"):
        browse_workbook(Path("evil.xlsx"), data, silent)


def test_what_is_no_workbook_is_told():
    with pytest.raises(DiscoveryError, match="is not an XLSX workbook"):
        browse_workbook(Path("text.xlsx"), b"Name,Path", silent)
    broken = repacked(
        workbook([HEADER, *ROWS]), "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row r='x'>"
    )
    with pytest.raises(DiscoveryError, match="cannot be read as an XLSX workbook"):
        browse_workbook(Path("broken.xlsx"), broken, silent)


def test_a_tag_table_as_xml():
    browsed = read_tag_file(SAMPLES / "Tags.xml", silent)
    nodes = flatten(browsed)
    assert addresses(browsed) == {"BottlePresent": "I0.0", "Fill level": "MD20"}
    assert nodes["BottlePresent"].description == "Bottle present"
    assert not nodes["Fill level"].writable


def test_a_data_block_as_xml():
    browsed = read_tag_file(SAMPLES / "Filler.xml", silent)
    nodes = flatten(browsed)
    assert addresses(browsed) == {
        "Filler.Enable": "DB5.DBX0.0",
        "Filler.Levels": "DB5.DBD2",
        "Filler.Levels[0]": "DB5.DBD2",
        "Filler.Levels[1]": "DB5.DBD6",
        "Filler.Levels[2]": "DB5.DBD10",
        "Filler.Levels[3]": "DB5.DBD14",
        "Filler.Recipe.Title": "DB5.DBB18",
        "Filler.Recipe.Active": "DB5.DBX30.0",
        "Filler.Drives[1].Running": "DB5.DBX32.0",
        "Filler.Drives[1].Speed": "DB5.DBD34",
        "Filler.Drives[2].Running": "DB5.DBX38.0",
        "Filler.Drives[2].Speed": "DB5.DBD40",
        "Filler.Bottles": "DB5.DBD60",
    }
    assert browsed.count == 13
    assert (nodes["Filler.Enable"].description, nodes["Filler.Enable"].writable) == ("Filler enabled", False)
    assert nodes["Filler.Levels"].unit == "%"


def test_an_instance_block_as_xml_has_its_sections_one_after_the_other(tmp_path):
    sections = """<Section Name="Input"><Member Name="i" Datatype="Bool"/></Section>
      <Section Name="Output"><Member Name="o" Datatype="Bool"/></Section>
      <Section Name="InOut"><Member Name="s" Datatype="String"/><Member Name="n" Datatype="Int"/></Section>
      <Section Name="Static"><Member Name="part" Datatype="&quot;FB_Part&quot;"><Sections>
        <Section Name="Input"><Member Name="i" Datatype="Bool"/></Section>
        <Section Name="Static"><Member Name="w" Datatype="Byte"/></Section></Sections></Member></Section>
      <Section Name="Temp"><Member Name="t" Datatype="Int"/></Section>"""
    path = tmp_path / "Fill_DB.xml"
    path.write_text(
        "<Document><SW.Blocks.InstanceDB><AttributeList><Interface><Sections>"
        f"{sections}</Sections></Interface><MemoryLayout>Standard</MemoryLayout><Name>Fill_DB</Name>"
        "<Number>3</Number></AttributeList></SW.Blocks.InstanceDB></Document>"
    )
    assert addresses(read_tag_file(path, silent)) == {
        "Fill_DB.i": "DB3.DBX0.0",
        "Fill_DB.o": "DB3.DBX2.0",
        "Fill_DB.n": "DB3.DBW10",
        "Fill_DB.part.i": "DB3.DBX12.0",
        "Fill_DB.part.w": "DB3.DBB14",
    }


def test_an_optimised_block_as_xml_is_refused(tmp_path):
    path = tmp_path / "Filler.xml"
    path.write_text((SAMPLES / "Filler.xml").read_text().replace(">Standard<", ">Optimized<"))
    with pytest.raises(DiscoveryError, match="optimised access"):
        read_tag_file(path, silent)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "has a document type"),
        ("<a><b></a>", "line 1: expected XML"),
        ("<a/>", "expected a PLC tag table or a data block"),
        ("<a>" * 300, "too large or too deep"),
        ('<?xml version="1.0" encoding="klingon"?><a/>', "encoding"),
        ("<Document><SW.Blocks.GlobalDB/></Document>", "expected the Name of a data block"),
    ],
)
def test_other_xml_is_refused_with_a_sentence(tmp_path, text, complaint):
    path = tmp_path / "other.xml"
    path.write_text(text)
    with pytest.raises(DiscoveryError, match=complaint):
        read_tag_file(path, silent)


@given(st.text(max_size=200))
def test_arbitrary_text_is_never_worse_than_an_error(text):
    data = text.encode("utf-8", "surrogatepass")
    with pytest.raises(DiscoveryError):
        parse_xml(b"<a>" + data, "any.xml", silent)
    with pytest.raises(DiscoveryError):
        browse_workbook(Path("any.xlsx"), data, silent)
