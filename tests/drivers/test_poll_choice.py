"""When polling gets processes of its own, and how many."""

import pytest

from drivers.poll_choice import WORTH_SHARE, choose_processes, estimated_share

LARGE = [(100, 500)] * 100
SMALL = [(50, 250)]


@pytest.mark.parametrize("asked", [0, 1, 3])
def test_the_plant_file_has_the_last_word(asked):
    for controllers in (LARGE, SMALL, []):
        choice = choose_processes(asked, controllers, cores=1)
        assert choice.processes == asked
        assert "plant file" in choice.reason


def test_a_small_plant_is_polled_by_the_program_itself():
    choice = choose_processes("auto", SMALL, cores=4)
    assert choice.processes == 0
    assert "from 5 % on" in choice.reason


def test_a_hundred_controllers_have_a_process_of_their_own():
    choice = choose_processes("auto", LARGE, cores=2)
    assert choice.processes == 1
    assert "11 %" in choice.reason


def test_one_core_is_not_shared_by_two_processes():
    assert choose_processes("auto", LARGE, cores=1).processes == 0


def test_a_huge_plant_has_several_but_leaves_a_core_to_the_panel():
    huge = [(100, 100)] * 300
    assert choose_processes("auto", huge, cores=16).processes == 3
    assert choose_processes("auto", huge, cores=2).processes == 1


def test_nothing_to_poll_takes_nothing():
    assert choose_processes("auto", [], cores=8).processes == 0
    assert estimated_share([]) == 0.0


def test_many_small_controllers_count_as_well_as_many_tags():
    assert estimated_share([(1, 500)] * 100) > WORTH_SHARE
    assert estimated_share([(10_000, 250)]) > WORTH_SHARE
