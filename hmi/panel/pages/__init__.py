"""The pages of the panel and where to find them; each is built when it is first shown.

A page is a ``QWidget`` made with the context alone. The main window gives it the content area
without the outer margins (16 at the sides and below, 12 under the banner), so a page's own layout has
none. It may have ``on_argument(str)`` for what came with ``navigate``, and ``trail`` (further
breadcrumb parts) with a ``trail_changed`` signal. ``follows_plant = True`` says that it takes another
plant file by itself; any other page is built anew for it. ``about`` says that it follows
``PanelContext.scope``: "lines" for the hall or one line of it, "machine" for the machine of one line.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from PySide6.QtWidgets import QWidget

from hmi.panel.context import PanelContext


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One page; ``module`` is imported when the page is first shown.

    ``above`` is the page it is reached from and leads back to; empty for the pages of the rail.
    """

    page_id: str
    title: str
    icon: str
    module: str
    class_name: str
    above: str = ""

    def build(self, context: PanelContext) -> QWidget:
        page_class: Callable[[PanelContext], QWidget] = getattr(import_module(self.module), self.class_name)
        return page_class(context)


PAGES = (
    PageEntry("overview", "Overview", "layout-grid", "hmi.panel.pages.overview", "OverviewPage"),
    PageEntry("filler", "Filler", "bottle", "hmi.panel.pages.filler", "FillerPage"),
    PageEntry("trends", "Trends", "chart-line", "hmi.panel.pages.trends", "TrendsPage"),
    PageEntry("diagnostics", "Diagnostics", "activity", "hmi.panel.pages.diagnostics", "DiagnosticsPage"),
    PageEntry("settings", "Settings", "sliders-horizontal", "hmi.panel.pages.settings", "SettingsPage"),
)
"""In the order of the rail, which is also the order of F2 and the keys after it."""

INNER_PAGES = (
    PageEntry(
        "discovery",
        "Add controller or tags",
        "search",
        "hmi.panel.pages.discovery",
        "DiscoveryPage",
        above="diagnostics",
    ),
)
"""Not on the rail: each is reached from a page of it."""
