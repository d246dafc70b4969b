"""``brimline screenshots``: every page in both themes, from a running demo with an hour of recorded past."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.clock import SystemClock
from engine.config import PlantConfig
from hmi.demo import DEFAULT_LOGIX_PORT, Demo, free_port, own_plant_file
from hmi.discovery import PlantDiscovery
from hmi.panel.album import Album, Shot
from hmi.panel.app import run_panel
from hmi.panel.discovery.source import Source, target_of
from hmi.panel.main_window import MainWindow
from hmi.panel.pages import PAGES
from hmi.panel.pages.diagnostics import DiagnosticsPage
from hmi.panel.pages.discovery import DiscoveryPage
from hmi.panel.widgets.faceplate import Faceplate
from hmi.past import record_past
from hmi.plant import build_plant
from hmi.reload import PlantReload
from sim.faults import Fault
from sim.line_run import SimulatedLine

SIZE = (1280, 800)
WIDE = (1920, 1080)
_PAST_S = 3600.0
_LEVEL, _SPEED = "line1/FillLevel", "line1/ConveyorSpeedSetpoint"


def run(folder: Path) -> int:
    """Returns 0 when every picture was taken."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with (
        tempfile.TemporaryDirectory() as data,
        SimulatedLine(port=0) as line,
        SimulatedLine(2, port=None, logix_port=free_port(DEFAULT_LOGIX_PORT)) as line2,
    ):
        scene = Demo(line, line2)
        plant_file = own_plant_file(Path(data))
        config = scene.config(plant_file)
        record_past(config, Path(data), _PAST_S)
        scene.start()
        try:
            return _show(config, plant_file, scene, folder)
        finally:
            scene.stop()


def _show(config: PlantConfig, plant_file: Path, scene: Demo, folder: Path) -> int:
    data = plant_file.parent
    plant = build_plant(config, data, SystemClock())
    reload = PlantReload(plant)
    scene.wait_for_broker()

    def on_ready(window: MainWindow) -> None:
        window.resize(*SIZE)
        album = Album(window, folder, list(_shots(scene)), window.close_requested.emit)
        album.begin()

    return run_panel(
        plant.engine,
        config,
        data,
        start=plant.start,
        stop=plant.stop,
        plant_file=plant_file,
        kiosk=False,
        on_ready=on_ready,
        discovery=PlantDiscovery(plant_file, reload, scene.environment),
        follow_plant=reload.follow,
    )


def _shots(scene: Demo) -> Iterator[Shot]:
    yield Shot("", _show_page("filler"), 25.0)  # the line starts and fills its first bottles
    for theme in ("paper", "graphite"):
        yield Shot("", _theme(theme), 0.5)
        for page in PAGES:
            yield Shot(f"{page.page_id}-{theme}", _show_page(page.page_id), 3.0)
        yield Shot("", _show_page("filler"), 1.0)
        yield Shot(f"faceplate-{theme}", lambda window: window.open_faceplate(_LEVEL), 2.0)
        yield Shot(f"setpoint-{theme}", _open_setpoint, 2.0)
        yield Shot(f"discovery-{theme}", _search, 6.0)
    yield Shot("", _browse_second_line, 4.0)
    yield Shot("discovery-tags", _choose_program, 2.0)
    yield Shot("", _theme("paper"), 0.5)
    yield Shot("discovery-review", _go_on, 2.0)
    yield Shot("", _theme("paper"), 0.5)
    yield from _fault_shots(scene.line)
    yield Shot("", _cut(scene), 0.5)
    yield Shot("diagnostics-1920", _wide("diagnostics"), 5.0)
    for theme in ("paper", "graphite"):
        yield Shot("", _theme(theme), 0.5)
        yield Shot(f"sparkplug-{theme}", _sparkplug, 3.0)


def _fault_shots(simulator: SimulatedLine) -> Iterator[Shot]:
    """What people see when something is wrong."""

    def begin(fault: Fault) -> Callable[[MainWindow], None]:
        def prepare(window: MainWindow) -> None:
            window.show_page("filler")
            simulator.inject_fault(fault, 0)

        return prepare

    for fault, settle_s in ((Fault.LOW_PRODUCT, 60.0), (Fault.CONTROLLER_STOP, 3.0), (Fault.MUTE, 8.0)):
        yield Shot(f"fault-{fault.value.replace('_', '-')}", begin(fault), settle_s)
        yield Shot("", lambda _: simulator.clear_all_faults(), 6.0)


def _show_page(page_id: str) -> Callable[[MainWindow], None]:
    return lambda window: window.show_page(page_id)


def _search(window: MainWindow) -> None:
    """Ask the network of this machine who is there; simulated controllers answer as real ones would."""
    window.drawer.close_content()
    window.show_page("discovery")
    page = window.page("discovery")
    if isinstance(page, DiscoveryPage):
        page.source.show_way(0)
        page.source.network.search()


def _browse_second_line(window: MainWindow) -> None:
    page = window.page("discovery")
    if isinstance(page, DiscoveryPage):
        page.source.show_way(1)
        known = page.source.known
        connection = known.context.config.connection("line2")
        known.choose(Source(connection.name, target_of(connection), connection.id))
        page.next.click()


def _choose_program(window: MainWindow) -> None:
    page = window.page("discovery")
    if isinstance(page, DiscoveryPage):
        model = page.session.model
        program = next(item for item in model.root.visible if item.node.name.startswith("Program:"))
        model.toggle(program)
        page.tags.tree.setCurrentIndex(model.index_of(program))


def _go_on(window: MainWindow) -> None:
    page = window.page("discovery")
    if isinstance(page, DiscoveryPage):
        page.next.click()


def _open_setpoint(window: MainWindow) -> None:
    window.open_faceplate(_SPEED)
    faceplate = window.drawer.content
    if isinstance(faceplate, Faceplate):
        faceplate.show_tab("setpoint")


def _theme(name: str) -> Callable[[MainWindow], None]:
    return lambda window: window.choose_theme(name)


def _cut(scene: Demo) -> Callable[[MainWindow], None]:
    """Somebody pulls the cable of a remote node."""

    def prepare(_window: MainWindow) -> None:
        if scene.fleet is not None:
            scene.fleet.cut("Edge-Labeller-1")

    return prepare


def _sparkplug(window: MainWindow) -> None:
    window.resize(*SIZE)
    window.show_page("diagnostics")
    page = window.page("diagnostics")
    if isinstance(page, DiagnosticsPage):
        page.on_argument("sparkplug")


def _wide(page_id: str) -> Callable[[MainWindow], None]:
    def prepare(window: MainWindow) -> None:
        window.resize(*WIDE)
        window.show_page(page_id)

    return prepare
