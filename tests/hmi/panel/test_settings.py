"""The settings file survives whatever happens to it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.panel.settings import VERSION, PanelSettings, SettingsError, SettingsStore, theme_name

CHOSEN = PanelSettings(theme="graphite", touch_size="gloves", language="en", cleaning_s=120)


def test_a_new_folder_has_the_defaults_and_nothing_to_say(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path, PanelSettings(theme="graphite"))
    assert store.load() == PanelSettings(theme="graphite")
    assert store.notices == []


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    SettingsStore(tmp_path / "data").save(CHOSEN)
    assert SettingsStore(tmp_path / "data").load() == CHOSEN


def test_a_save_leaves_nothing_else_in_the_folder(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path)
    store.save(CHOSEN)
    store.save(PanelSettings())
    assert [path.name for path in tmp_path.iterdir()] == ["panel.json"]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"theme": "paper"}', '{"version": true}', "\x00"]
)
def test_a_broken_file_is_kept_aside_and_said(tmp_path: Path, content: str) -> None:
    (tmp_path / "panel.json").write_text(content)
    store = SettingsStore(tmp_path)
    assert store.load() == PanelSettings()
    assert (tmp_path / "panel.json.broken").read_text() == content
    assert len(store.notices) == 1
    assert "panel.json.broken" in store.notices[0]


def test_the_file_of_a_newer_version_is_kept_aside(tmp_path: Path) -> None:
    (tmp_path / "panel.json").write_text(json.dumps({"version": VERSION + 1, "theme": "neon"}))
    store = SettingsStore(tmp_path)
    assert store.load() == PanelSettings()
    assert "newer version" in store.notices[0]


def test_one_wrong_choice_does_not_cost_the_others(tmp_path: Path) -> None:
    data = {"version": 1, "theme": "neon", "touch_size": "gloves", "cleaning_s": 60.0, "extra": 1}
    (tmp_path / "panel.json").write_text(json.dumps(data))
    store = SettingsStore(tmp_path)
    assert store.load() == PanelSettings(touch_size="gloves")
    assert len(store.notices) == 2


@given(
    st.dictionaries(st.sampled_from(["version", "theme", "touch_size", "cleaning_s"]), st.none() | st.text())
)
def test_no_content_makes_loading_fail(tmp_path_factory: pytest.TempPathFactory, data: dict) -> None:
    folder = tmp_path_factory.mktemp("settings")
    (folder / "panel.json").write_text(json.dumps({"version": 1} | data))
    SettingsStore(folder).load()


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")
    with pytest.raises(SettingsError, match="were not saved"):
        SettingsStore(tmp_path / "data").save(CHOSEN)


def test_by_time_is_graphite_from_20_to_6() -> None:
    dark = [hour for hour in range(24) if theme_name("by_time", hour) == "graphite"]
    assert dark == [0, 1, 2, 3, 4, 5, 20, 21, 22, 23]
    assert theme_name("paper", 23) == "paper"
