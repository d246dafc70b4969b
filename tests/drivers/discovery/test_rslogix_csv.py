"""Documentation databases of RSLogix 5 and RSLogix 500."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.discovery.files import read_tag_file
from drivers.discovery.rslogix_csv import browse_csv
from drivers.pccc.address import check_type, parse_address
from drivers.pccc.family import Family
from engine.discovery import Browsed, DiscoveryError
from tests.drivers.discovery.tag_paths import addresses, flatten, silent

SAMPLES = Path(__file__).parent / "samples"


def browse(text: str) -> Browsed:
    return browse_csv(Path("test.csv"), text.encode("utf-8", "surrogatepass"), silent)


def test_addresses_symbols_and_descriptions_by_data_file():
    browsed = read_tag_file(SAMPLES / "Filler.CSV", silent)
    nodes = flatten(browsed)
    assert addresses(browsed) == {
        "I.BOTTLE_PRES": "I:1.0/0",
        "N7.FILL_COUNT": "N7:0",
        "F8.FILL_LEVEL": "F8:0",
        "B3.B3:2/1": "B3:2/1",
        "T4.FILL_TIMER.PRE": "T4:0.PRE",
        "T4.FILL_TIMER.ACC": "T4:0.ACC",
        "T4.FILL_TIMER.EN": "T4:0/EN",
        "T4.FILL_TIMER.TT": "T4:0/TT",
        "T4.FILL_TIMER.DN": "T4:0/DN",
        "ST10.PRODUCT": "ST10:0",
    }
    assert browsed.count == 10
    assert nodes["N7.FILL_COUNT"].description == "Bottles filled today"
    assert (nodes["F8.FILL_LEVEL"].description, nodes["F8.FILL_LEVEL"].unit) == ("Fill level", "%")
    assert not nodes["I.BOTTLE_PRES"].writable
    assert browsed.notices[0].startswith("1 records without an address")


def test_every_address_is_one_that_the_driver_takes():
    browsed = read_tag_file(SAMPLES / "Filler.CSV", silent)
    for node in flatten(browsed).values():
        if node.selectable:
            assert (
                check_type(
                    parse_address(node.address, Family(browsed.family)), node.type, Family(browsed.family)
                )
                == ""
            )


@pytest.mark.parametrize(
    ("text", "path", "description"),
    [
        ('"N7:0","FillCount","","Bottles filled"', "N7.FillCount", "Bottles filled"),
        ("N7:0,Bottles filled today", "N7.N7:0", "Bottles filled today"),
        ("N7:0;FillCount;Bottles", "N7.FillCount", "Bottles"),
        ("N7:0\tGlobal\tFillCount\tBottles\t0\t1", "N7.FillCount", "Bottles"),
        ("Symbol,Address,Description\nFillCount,N7:0,Bottles", "N7.FillCount", "Bottles"),
        ('N7:0,FillCount\nN7:0,,"Bottles\nfilled"', "N7.FillCount", "Bottles filled"),
    ],
)
def test_many_forms_are_understood(text, path, description):
    node = flatten(browse(text))[path]
    assert (node.address, node.description) == ("N7:0", description)


@pytest.mark.parametrize(
    ("text", "family"),
    [("I:001/07,START", "PLC-5"), ("L9:0,COUNT", "MicroLogix"), ("N7:0,COUNT", "SLC-500")],
)
def test_the_family_is_told_by_the_addresses(text, family):
    assert browse(text).family == family


def test_an_address_that_the_family_does_not_have_says_so():
    nodes = flatten(browse("I:001/07,START\nL9:0,COUNT"))
    assert "a PLC-5 has no long integers" in nodes["L9.COUNT"].reason


def test_a_tag_table_of_tia_portal_may_come_as_csv():
    browsed = browse("Name,Path,Data Type,Logical Address,Comment\nStart,,Bool,%I0.0,Start button\n")
    assert addresses(browsed) == {"Start": "I0.0"}


def test_tags_of_studio_5000_are_sent_to_l5x():
    with pytest.raises(DiscoveryError, match="Export the project as L5X"):
        browse('remark,"CSV-Import-Export"\nTYPE,SCOPE,NAME,DESCRIPTION,DATATYPE,SPECIFIER\n')


def test_another_csv_says_what_was_expected():
    with pytest.raises(DiscoveryError, match=r"test.csv, line 2: expected an address first"):
        browse("\na,b,c")


@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from(["N7:0", "T4:0", "B3/17", "I:001/07", ",", '"', ";", "\n", "T999:0"])).map(
        "".join
    )
)
def test_whatever_the_text_only_a_discovery_error_comes(text):
    try:
        flatten(browse(text))
    except DiscoveryError as error:
        complaint = str(error)
    else:
        complaint = "test.csv"
    assert complaint.startswith("test.csv")
