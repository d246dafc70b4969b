"""A plant file is changed where it was asked to change, and nowhere else."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from engine.config import edit as edit_module
from engine.config import load_plant, parse_plant
from engine.config.document import read_document
from engine.config.edit import apply_edit, plan_changes, plan_text, tag_entry
from engine.config.edit_render import scalar
from engine.discovery import ConnectionEntry, DiscoveryError, TagChanges, TagEntry
from engine.model import TypeSpec

DEMO = Path(__file__).resolve().parents[3] / "resources" / "plants" / "demo.yaml"
NEW = TagEntry("Torque", "DB1.DBD60", "REAL", unit="N·m", range=(0, 4), decimals=2)
SMALL = """\
schema_version: 1 # the first line
site: {name: Hall, timezone: UTC}

plc_connections:
  # the filler
  - id: line1
    type: SIEMENS_S7
    host: ${HOST:-10.0.0.1}
    tags:
      # levels
      - {name: Level, address: DB1.DBD0, data_type: REAL, unit: "%", range: [0, 100]} # in the tank
      - name: Speed        # of the belt
        address: ${SPEED:-DB1.DBD4}
        data_type: REAL
        description: >
          Conveyor
          speed

      - {name: Run, address: DB1.DBX8.0, data_type: BOOL}
      # the end of the filler

  - {id: other, type: SIEMENS_S7, host: h, tags: []}
machines: []
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "plant.yaml"
    path.write_bytes(SMALL.encode())
    return path


def changed(path: Path, *changes: TagChanges) -> tuple[list[str], list[str]]:
    """The lines that go and the lines that come."""
    edit = plan_changes(path, changes, {})
    assert edit.problems == ()
    lines = [line for line in edit.diff.splitlines() if not line.startswith("@@")]
    return [line[1:] for line in lines if line[0] == "-"], [line[1:] for line in lines if line[0] == "+"]


def test_a_new_tag_is_one_new_line(path: Path) -> None:
    line = (
        "      - {name: Torque, address: DB1.DBD60, data_type: REAL, unit: N·m, range: [0, 4], decimals: 2}"
    )
    gone, come = changed(path, TagChanges("line1", (NEW,)))
    assert (gone, [line.replace('"', "") for line in come]) == ([], [line])


def test_a_changed_tag_keeps_what_was_not_changed(path: Path) -> None:
    config = load_plant(path, {})
    level, speed, _ = (tag_entry(tag) for tag in config.connection("line1").tags)
    put = (
        TagEntry(**{**fields(level), "unit": "l", "range": None, "history": False}),
        TagEntry(**{**fields(speed), "unit": "RPM"}),
    )
    gone, come = changed(path, TagChanges("line1", put))
    assert gone == [
        '      - {name: Level, address: DB1.DBD0, data_type: REAL, unit: "%", range: [0, 100]} # in the tank'
    ]
    assert come == [
        "      - {name: Level, address: DB1.DBD0, data_type: REAL, unit: l, history: false} # in the tank",
        "        unit: RPM",
    ]


def test_an_edit_that_would_lead_to_another_controller_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def clumsy(text: str, *_: object) -> str:
        return text.replace("10.0.0.1", "10.0.0.2")

    monkeypatch.setattr(edit_module, "_changed", clumsy)
    with pytest.raises(DiscoveryError, match="by hand"):
        plan_changes(path, [TagChanges("line1")], {})


@pytest.mark.parametrize(
    "tag",
    [
        "{unit: bar, range: [0, 1], name: A, address: DB1.DBD0, data_type: REAL}",
        "{unit: bar, name: A, range: [0, 1], decimals: 1, address: DB1.DBD0, data_type: REAL}",
        "unit: bar\n        decimals: 1\n        name: A\n        address: DB1.DBD0\n        data_type: REAL",
    ],
)
def test_keys_side_by_side_are_dropped_together(tmp_path: Path, tag: str) -> None:
    path = tmp_path / "plant.yaml"
    path.write_text(SMALL.replace("# levels", f"- {tag}"))
    edit = plan_changes(path, [TagChanges("line1", (TagEntry("A", "DB1.DBD0", "REAL"),))], {})
    assert edit.problems == ()
    (left,) = [each for each in parse_plant(edit.text, "", {}).plc_connections[0].tags if each.name == "A"]
    assert tag_entry(left) == TagEntry("A", "DB1.DBD0", "REAL")


def test_a_removed_tag_takes_its_lines_along(path: Path) -> None:
    gone, come = changed(path, TagChanges("line1", remove=("Speed", "Run")))
    assert come == []
    assert gone[0] == "      - name: Speed        # of the belt"
    assert gone[-1] == "      - {name: Run, address: DB1.DBX8.0, data_type: BOOL}"
    assert not any("#" in line for line in gone[1:])


def test_the_last_tag_leaves_an_empty_list(path: Path) -> None:
    edit = plan_changes(path, [TagChanges("line1", remove=("Level", "Speed", "Run"))], {})
    assert (edit.removed, edit.problems) == (3, ())
    assert parse_plant(edit.text, "f", {}).connection("line1").tags == ()


def test_a_new_connection_comes_behind_the_last_one(path: Path) -> None:
    entry = ConnectionEntry("press", "ALLEN_BRADLEY", "ControlLogix", "10.0.0.7", 44818, name="Press 1")
    gone, come = changed(path, TagChanges(entry, (TagEntry("Level", "Program:Main.Fill[3]", "DINT"),)))
    assert gone == []
    assert come[0] == ""
    assert come[1:3] == ["  - id: press", "    name: Press 1"]
    assert come[-1] == '      - {name: Level, address: "Program:Main.Fill[3]", data_type: DINT}'


@pytest.mark.parametrize("start", ["", "plc_connections: []\n", "plc_connections: [] # none"])
def test_the_first_connection_of_a_plant(tmp_path: Path, start: str) -> None:
    path = tmp_path / "plant.yaml"
    path.write_text(f"schema_version: 1\nsite: {{name: Hall, timezone: UTC}}\n{start}")
    edit = plan_changes(
        path, [TagChanges(ConnectionEntry("a", "SIEMENS_S7", "S7-1500", "h", 102), (NEW,))], {}
    )
    assert edit.problems == ()
    assert [tag.name for tag in parse_plant(edit.text, "f", {}).connection("a").tags] == ["Torque"]


@pytest.mark.parametrize(
    "tags",
    [
        "    tags: [{name: A, address: M0.0, data_type: BOOL}]\n",
        "    tags: [\n      {name: A, address: M0.0, data_type: BOOL},\n    ]\n",
        "    tags: []\n",
        "",
        "    tags:\n    - {name: A, address: M0.0, data_type: BOOL}",
        "    tags:\n    -   name: A\n        address: M0.0\n        data_type: BOOL",
    ],
)
def test_every_way_to_write_a_list_takes_a_tag(tmp_path: Path, tags: str) -> None:
    path = tmp_path / "plant.yaml"
    path.write_text(
        "schema_version: 1\nsite: {name: Hall, timezone: UTC}\nplc_connections:\n"
        f"  - id: line1\n    type: SIEMENS_S7\n    host: h\n{tags}"
    )
    edit = plan_changes(path, [TagChanges("line1", (NEW,))], {})
    assert edit.problems == ()
    assert tag_entry(parse_plant(edit.text, "f", {}).connection("line1").tags[-1]) == NEW
    if "name: A" in tags:
        both = plan_changes(path, [TagChanges("line1", (NEW,), remove=("A",))], {})
        assert [tag.name for tag in parse_plant(both.text, "f", {}).connection("line1").tags] == ["Torque"]


def test_an_empty_list_becomes_one_with_a_line_for_each_tag(path: Path) -> None:
    path.write_text(
        "schema_version: 1\nsite: {name: Hall, timezone: UTC}\nplc_connections:\n"
        "  - id: line1\n    type: SIEMENS_S7\n    tags: []   # none yet\n    host: h\n"
    )
    gone, come = changed(path, TagChanges("line1", (NEW, replace(NEW, name="Speed"))))
    assert gone == ["    tags: []   # none yet"]
    assert (come[0], len(come)) == ("    tags:   # none yet", 3)
    assert [line.split(",")[0] for line in come[1:]] == ["      - {name: Torque", "      - {name: Speed"]


def test_several_changes_at_once(path: Path) -> None:
    entry = ConnectionEntry("press", "SIEMENS_S7", "S7-1200", "10.0.0.7", 102)
    edit = plan_changes(path, [TagChanges(entry, (NEW,)), TagChanges("line1", (NEW,), ("Run",))], {})
    assert (edit.added, edit.changed, edit.removed) == (2, 0, 1)


def test_what_makes_the_file_bad_is_told_and_not_written(path: Path) -> None:
    edit = plan_changes(path, [TagChanges("line1", (TagEntry("Bad", "DB1.DBD0", "REEL"),))], {})
    assert len(edit.problems) == 1
    assert "data_type" in edit.problems[0]
    with pytest.raises(DiscoveryError, match="cannot be used"):
        apply_edit(edit)
    assert path.read_text() == SMALL


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (TagChanges("nowhere", (NEW,)), "no connection nowhere"),
        (TagChanges("line1", remove=("Nothing",)), "has no tag Nothing"),
        (TagChanges("line1", (NEW, NEW)), "there twice"),
        (TagChanges("other", (NEW,)), "by hand"),
        (TagChanges(ConnectionEntry("line1", "SIEMENS_S7", "", "h", 102)), "another id"),
    ],
)
def test_what_cannot_be_done_is_said(path: Path, change: TagChanges, said: str) -> None:
    with pytest.raises(DiscoveryError, match=said):
        plan_changes(path, [change], {})


def test_tags_shared_by_an_alias_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "plant.yaml"
    path.write_text(
        "schema_version: 1\nsite: {name: H, timezone: UTC}\nplc_connections:\n"
        "  - id: a\n    type: SIEMENS_S7\n    host: h\n    tags: &all\n"
        "      - {name: A, address: M0.0, data_type: BOOL}\n"
        "  - id: b\n    type: SIEMENS_S7\n    host: h\n    tags: *all\n"
    )
    for name in ("a", "b"):
        with pytest.raises(DiscoveryError, match="by hand"):
            plan_changes(path, [TagChanges(name, (NEW,))], {})


def test_applying_keeps_the_old_file_beside_the_new_one(path: Path) -> None:
    path.chmod(0o640)
    edit = plan_changes(path, [TagChanges("line1", (NEW,))], {})
    kept = apply_edit(edit)
    assert kept.read_text() == SMALL
    assert path.read_text() == edit.text
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(entry.name for entry in path.parent.iterdir()) == [path.name, kept.name]


def test_somebody_elses_change_is_not_overwritten(path: Path) -> None:
    edit = plan_changes(path, [TagChanges("line1", (NEW,))], {})
    path.write_text(SMALL + "# mine\n")
    with pytest.raises(DiscoveryError, match="somebody else"):
        apply_edit(edit)
    assert path.read_text() == SMALL + "# mine\n"


def test_a_write_protected_file_is_left_alone(path: Path) -> None:
    edit = plan_changes(path, [TagChanges("line1", (NEW,))], {})
    path.chmod(0o444)
    with pytest.raises(DiscoveryError, match="write-protected"):
        apply_edit(edit)
    assert [(entry.name, entry.read_text()) for entry in path.parent.iterdir()] == [(path.name, SMALL)]
    path.chmod(0o644)
    apply_edit(edit)
    assert path.read_text() == edit.text


def test_a_full_disk_leaves_no_half_of_anything(path: Path) -> None:
    edit = plan_changes(path, [TagChanges("line1", (NEW,))], {})
    with files_of_at_most(100), pytest.raises(DiscoveryError, match="cannot be written"):
        apply_edit(edit)
    assert [(entry.name, entry.read_text()) for entry in path.parent.iterdir()] == [(path.name, SMALL)]


@contextmanager
def files_of_at_most(count: int) -> Iterator[None]:
    """So many bytes fit on the disk."""
    import resource  # not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_of_windows_stays_one(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    apply_edit(plan_changes(path, [TagChanges("line1", (NEW,), ("Run",))], {}))
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbfschema_version")
    assert content.count(b"\n") == content.count(b"\r\n")
    assert load_plant(path, {}).connection("line1").tags[-1].name == "Torque"


def test_only_ten_old_files_are_kept(path: Path) -> None:
    for number in range(13):
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
        apply_edit(plan_text(path, f"{SMALL}# {number}\n", {}))
    assert len(list(path.parent.glob("*.bak"))) == 10


def test_an_edit_without_a_change_is_empty(path: Path) -> None:
    assert plan_changes(path, [], {}).diff == ""
    assert plan_text(path, SMALL, {}).diff == ""


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


@given(
    WORDS | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**12), 10**12) | st.booleans()
)
def test_a_scalar_reads_back_as_itself(value: str | float | bool) -> None:
    text = f"stop_reasons: [{scalar(value)}, {scalar(value)}]"
    document = read_document(text, "f", {})
    assert document.problems == ()
    assert document.data["stop_reasons"] == [value, value]


NAMES = st.from_regex(r"[A-Z][A-Za-z0-9_ ä:#,\[\]-]{0,12}[a-z0-9]", fullmatch=True)
SPANS = st.none() | st.tuples(st.integers(-50, 0), st.floats(1, 1e6).map(lambda value: round(value, 3)))
ENTRIES = st.builds(
    TagEntry,
    name=NAMES,
    address=st.sampled_from(["DB1.DBD0", "DB1,0.0", "Program:Main.Fill[3]", "B3/17", "a: b"]),
    data_type=st.sampled_from(["REAL", "DINT", "INT[10]"]),
    description=WORDS,
    unit=st.sampled_from(["", "%", "°C", "L/min", "no", "1"]),
    range=SPANS,
    normal=SPANS,
    decimals=st.integers(0, 6),
    scale=st.none() | st.just(((0.0, 27648.0), (0.0, 100.0))),
    deadband=st.sampled_from([0.0, 0.1, 2.0]),
    writable=st.booleans(),
    history=st.booleans(),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(ENTRIES, max_size=5, unique_by=lambda tag: tag.name), st.data())
def test_any_tags_put_into_the_demo_are_there_and_nothing_else_moves(
    put: list[TagEntry], data: st.DataObject
) -> None:
    before = load_plant(DEMO, {})
    names = [tag.name for tag in before.connection("line1").tags]
    taken = {tag.name for tag in put}
    remove = data.draw(st.lists(st.sampled_from(names), unique=True, max_size=8))
    overwritten = data.draw(st.lists(st.sampled_from(names), unique=True, max_size=4))
    put = [
        *put,
        *(TagEntry(name, "DB1.DBD0", "REAL") for name in overwritten if name not in {*taken, *remove}),
    ]
    remove = [name for name in remove if name not in taken]
    edit = plan_changes(DEMO, [TagChanges("line1", tuple(put), tuple(remove))], {})
    assert edit.problems == ()
    old, new = DEMO.read_text().splitlines(), edit.text.splitlines()
    touched = {line for line in old if any(f"name: {name}," in line for name in [*remove, *overwritten])}
    kept = [line for line in old if line not in touched]
    rest = iter(new)
    assert all(line in rest for line in kept)


def fields(entry: TagEntry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in TagEntry.__slots__}


@pytest.mark.parametrize("address", ["Program:Main.Level", "N7:0", "B3:1/2"])
def test_a_colon_without_quotes_that_somebody_wrote_inside_brackets_is_no_obstacle(
    path: Path, address: str
) -> None:
    path.write_text(SMALL.replace("address: DB1.DBX8.0", f"address: {address}"), encoding="utf-8")
    gone, come = changed(path, TagChanges("line1", (NEW,)))
    assert (gone, len(come)) == ([], 1)
    gone, come = changed(path, TagChanges("line1", (TagEntry("Run", address, "BOOL", unit="l"),)))
    assert come == [f"      - {{name: Run, address: {address}, data_type: BOOL, unit: l}}"]


def test_a_written_address_with_a_colon_is_read_by_the_fast_parser() -> None:
    text = f"{{address: {scalar('Program:Main.Level')}, other: {scalar('N7:0')}}}"
    assert YAML(typ="safe", pure=False).load(text) == {"address": "Program:Main.Level", "other": "N7:0"}


def refuse_db9(_kind: str, _family: str, address: str, _spec: TypeSpec) -> str:
    return f"{address} cannot be read" if address.startswith("DB9") else ""


def test_an_address_that_cannot_be_read_forbids_applying(path: Path) -> None:
    bad = TagEntry("Bad", "DB9.DBD0", "REAL")
    edit = plan_changes(path, [TagChanges("line1", (bad,))], {}, refuse_db9)
    (problem,) = edit.problems
    assert "DB9.DBD0 cannot be read" in problem
    with pytest.raises(DiscoveryError, match="DB9"):
        apply_edit(edit)
    assert plan_text(path, edit.text, {}, refuse_db9).problems == edit.problems


def test_an_address_that_could_not_be_read_before_does_not_hold_up_the_rest(path: Path) -> None:
    path.write_text(SMALL.replace("DB1.DBX8.0", "DB9.DBX8.0"))
    edit = plan_changes(path, [TagChanges("line1", (NEW,))], {}, refuse_db9)
    assert (edit.added, edit.problems) == (1, ())
    assert "brimline check" in edit.notices[0]
    assert plan_changes(path, [TagChanges("line1", remove=("Run",))], {}, refuse_db9).notices == ()


def test_what_a_connection_that_goes_leaves_behind_is_told_with_the_plan(path: Path) -> None:
    named = SMALL.replace(
        "machines: []", "machines: [{id: filler, connection: other}]\nalarms: [{tag: other/Jam}]"
    )
    named = named.replace("tags: []", "tags: [{name: Jam, address: DB1.DBX0.0, data_type: BOOL}]")
    path.write_text(named, encoding="utf-8")
    assert plan_text(path, named + "# a remark\n", {}).notices == ()
    without = "".join(line for line in named.splitlines(keepends=True) if "id: other" not in line)
    machine, alarm = plan_text(path, without, {}).notices
    assert "machines[0].connection: there is no connection 'other'" in machine
    assert "alarms[0].tag: there is no tag 'other/Jam' on any connection" in alarm
