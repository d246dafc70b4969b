"""Text that is not a plant file, by accident or on purpose."""

import pytest

from engine.config import ConfigError, load_plant
from tests.engine.config.plants import CONTROLLER, only_problem, parse, problems_of


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("", 1, "the file is empty"),
        ("# only a comment\n", 1, "the file is empty"),
        ("- a\n", 1, "does not consist of keys and values"),
        ("just text", 1, "does not consist of keys and values"),
        ("schema_version: 1\nsite: {name: [}\n", 2, "not valid YAML"),
        ("schema_version: 1\n\tsite: 1\n", 2, "not valid YAML"),
        ("schema_version: 1\nsite: a: b\n", 2, "not valid YAML"),
        ("schema_version: 1\nsite: 'a\n", 3, "not valid YAML"),
        ("schema_version: 1\nsite: \x07\n", 2, "the character with code 7"),
        ("schema_version: 1\n---\nsite: {}\n", 2, "a second document starts here"),
        ("schema_version: 1\nsite: *home\n", 2, "*home refers to nothing"),
        ("schema_version: 1\nsite: &a {b: *a}\n", 2, "*a contains itself"),
        ("schema_version: 1\nsite: !!python/object:os.system {}\n", 2, "is not supported"),
        ("schema_version: 1\nsite: !mine {}\n", 2, "is not supported"),
        ("schema_version: 1\n? [a]\n: b\n", 2, "a key cannot be a list"),
        ("schema_version: 1\npanel: {kiosk: !!bool maybe}\n", 2, "does not fit its tag"),
        ('schema_version: 1\nsite: {name: "\\ud800"}\n', 2, "characters that are not text"),
        ("schema_version: 1\n<<: {site: {}}\n", 2, "merge keys are not supported"),
        ("%YAML 9.x\n---\na: 1\n", 1, "not valid YAML"),
    ],
)
def test_the_problem_has_its_place(text, line, part):
    problem = only_problem(text)
    assert part in problem.message
    assert problem.line == line
    assert problem.file == "plant.yaml"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a:\n\tb: 1\n", "no tabs"),
        ("a: b: c\n", "quotes around text that contains a colon"),
        ("a: [${X}]\n", "inside brackets, ${...} must stand in quotes"),
    ],
)
def test_common_slips_get_a_hint(text, hint):
    assert hint in only_problem(text).expected


def test_a_key_given_twice_names_the_first_line_and_other_problems_still_show():
    twice, other = problems_of("schema_version: 1\nsite: {name: a}\nsite: {name: b}\npanl: {}\n")
    assert (twice.line, twice.key_path) == (3, "site")
    assert "line 2" in twice.message
    assert other.near_miss == "panel"


def test_aliases_are_written_out():
    config = parse(
        CONTROLLER
        + "    tags:\n      - &tag {name: A, address: 'DB1,0', data_type: REAL, range: &span [0, 5]}\n"
        + "      - {name: B, address: 'DB1,4', data_type: REAL, range: *span}\n"
    )
    assert config.plc_connections[0].tags[1].range == (0.0, 5.0)


def test_explicit_core_tags_are_understood():
    config = parse("schema_version: !!int '1'\nsite: {name: !!str 5}\npanel: !!map {kiosk: !!bool true}\n")
    assert config.site.name == "5"
    assert config.panel.kiosk is True


def test_yaml_1_1_words_and_times_are_text():
    config = parse("schema_version: 1\nsite: {name: No}\nshifts: [{name: on, start: 06:00, end: 14:00}]\n")
    assert config.site.name == "No"
    assert config.shifts[0].start == "06:00"


def test_a_billion_laughs_are_refused():
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    problem = only_problem("schema_version: 1\n" + "\n".join(levels))
    assert "grows too large" in problem.message
    assert problem.line > 1


def test_a_long_text_used_many_times_is_refused():
    text = f"schema_version: 1\na: &a '{'x' * 500_000}'\nb: [{', '.join(['*a'] * 2000)}]\n"
    assert "grows too large" in only_problem(text).message


def test_deep_nesting_is_refused_however_it_is_made():
    assert "nested too deeply" in only_problem("[" * 100_000).message
    assert "nested too deeply" in only_problem("a: " + "{b: " * 50 + "1" + "}" * 50).message
    chained = ["a0: &a0 " + "[" * 20 + "]" * 20]
    chained += [f"a{n}: &a{n} {'[' * 20}*a{n - 1}{']' * 20}" for n in range(1, 100)]
    assert "nested too deeply" in only_problem("\n".join(chained)).message


def test_numbers_beyond_all_bounds_are_ordinary_problems():
    text = f"schema_version: 1\nprocessing: {{batch_size: {'9' * 5000}, processing_interval: 1e999}}\n"
    assert [problem.key_path for problem in problems_of(text)] == [
        "processing.batch_size",
        "processing.processing_interval",
    ]


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere\.yaml.*cannot be read: No such file"):
        load_plant(tmp_path / "nowhere.yaml", {})


def test_a_folder_is_not_a_plant_file(tmp_path):
    with pytest.raises(ConfigError, match="is not a file"):
        load_plant(tmp_path, {})


def test_a_binary_file_is_not_a_plant_file(tmp_path):
    path = tmp_path / "plant.yaml"
    path.write_bytes(b"a: 1\nb: \xff\xfe\x00")
    with pytest.raises(ConfigError) as caught:
        load_plant(path, {})
    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == (2, 4)
    assert "not text in UTF-8" in problem.message


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "plant.yaml"
    path.write_bytes(b"#" * (4 * 1024 * 1024 + 1))
    with pytest.raises(ConfigError, match="too large for a plant file; expected at most 4 MiB"):
        load_plant(path, {})


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path):
    path = tmp_path / "plant.yaml"
    path.write_bytes(b"\xef\xbb\xbfschema_version: 1\r\nsite:\r\n  name: Halle\r\n")
    assert load_plant(path, {}).site.name == "Halle"
