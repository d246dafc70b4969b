"""Older files are brought to the present form; newer ones are refused."""

import pytest

from engine.config.migration import MIGRATIONS, SCHEMA_VERSION, VersionProblem, migrate
from tests.engine.config.plants import only_problem


def test_a_chain_is_followed_version_by_version():
    def rename(data):
        return {**{name: value for name, value in data.items() if name != "hall"}, "site": data["hall"]}

    def wrap(data):
        return {**data, "site": {"name": data["site"]}}

    old = {"schema_version": 1, "hall": "North"}
    new = migrate(old, to_version=3, chain={1: rename, 2: wrap})
    assert new == {"schema_version": 3, "site": {"name": "North"}}
    assert old == {"schema_version": 1, "hall": "North"}
    assert migrate({"schema_version": 2, "site": "S"}, to_version=3, chain={2: wrap})["site"] == {"name": "S"}


def test_there_is_a_migration_from_every_older_version():
    assert sorted(MIGRATIONS) == list(range(1, SCHEMA_VERSION))


def test_a_newer_file_is_refused():
    problem = only_problem("site: {}\nschema_version: 99\n")
    assert (problem.line, problem.key_path) == (2, "schema_version")
    assert problem.message == "is 99: this file was written for a newer version of Brimline"


def test_a_missing_version_says_which_line_to_add():
    problem = only_problem("site: {}\n")
    assert problem.message == "is missing"
    assert problem.expected == "the line 'schema_version: 1' at the top of the file"


@pytest.mark.parametrize("version", ["one", 0, -1, True, 1.0, None, [1]])
def test_what_is_no_version_is_refused(version):
    with pytest.raises(VersionProblem, match="is not a version number"):
        migrate({"schema_version": version})
