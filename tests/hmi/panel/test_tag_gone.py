"""Tags left the plant file and the panel has not heard of it yet: nothing looks alive, nothing breaks."""

from hmi.panel.pages.trends import TrendsPage
from hmi.panel.tag_binding import TagBinding
from hmi.panel.value_look import LookKind
from tests.hmi.panel.plant_bench import Bench
from tests.hmi.panel.window import in_window

KEY = "line1/FillLevel"


def lose_tag(bench: Bench, name: str) -> None:
    rest = [each for each in bench.tags.definitions("line1") if each.name != name]
    bench.tags.replace("line1", rest)


def test_what_comes_into_sight_meanwhile_says_that_there_is_no_such_tag(qapp, bench: Bench) -> None:
    bench.set_running()
    binding = TagBinding(bench.context, KEY)
    binding.start()
    assert binding.look.kind is LookKind.GOOD
    binding.stop()
    lose_tag(bench, "FillLevel")
    binding.start()
    assert (binding.look.kind, binding.look.raw) == (LookKind.NO_TAG, None)
    binding.stop()


def test_what_is_in_sight_says_so_within_a_second(qapp, bench: Bench) -> None:
    bench.set_running()
    binding = TagBinding(bench.context, KEY)
    binding.start()
    lose_tag(bench, "FillLevel")
    bench.pass_time(1.0)
    assert binding.look.kind is LookKind.NO_TAG
    binding.stop()


def test_the_trends_page_goes_on_with_the_pen_of_a_tag_that_is_gone(qtbot, bench: Bench) -> None:
    bench.set_running()
    page = TrendsPage(bench.context)
    in_window(qtbot, page, 1100, 640)
    page.add_pen(KEY)
    qtbot.wait_until(lambda: bench.context.queries.running == 0)
    lose_tag(bench, "FillLevel")
    bench.pass_time(1.0, 30)
    page.session.select_pen("line1/TankPressure")
    page.session.stop()
    page.session.start()
    qtbot.wait_until(lambda: bench.context.queries.running == 0)
    page.session.remove_pen(KEY)
    assert KEY not in page.session.pens.keys
