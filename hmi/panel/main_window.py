"""The window: rail, header, banner, and the content area with its pages, drawer and messages."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from engine.commands import CommandResult
from hmi.panel.context import PanelContext
from hmi.panel.icons import window_icon
from hmi.panel.pages import INNER_PAGES, PAGES, PageEntry
from hmi.panel.shortcuts import Key, Shortcuts, control_keys, page_keys
from hmi.panel.widgets.banner import Banner
from hmi.panel.widgets.cleaning import Cleaning
from hmi.panel.widgets.drawer import Drawer
from hmi.panel.widgets.find_tag import FindTag
from hmi.panel.widgets.focus_ring import FocusRing
from hmi.panel.widgets.header import Header
from hmi.panel.widgets.key_help import KeyHelp
from hmi.panel.widgets.rail import Rail
from hmi.panel.widgets.toast import Toast

if TYPE_CHECKING:
    from collections.abc import Callable

COMPACT_BELOW = 1200
MINIMUM = (1024, 600)


class MainWindow(QMainWindow):
    """Pages are built when first shown and kept.

    ``close_requested`` only asks: the window closes when ``finish`` is called.
    """

    close_requested = Signal()
    painted = Signal()
    """The first paint is done."""
    page_built = Signal()
    """A page was built, it is not shown yet."""

    def __init__(
        self,
        context: PanelContext,
        pages: Sequence[PageEntry] = PAGES,
        inner: Sequence[PageEntry] = INNER_PAGES,
    ) -> None:
        super().__init__()
        self._context = context
        self._pages = tuple(pages)
        self._inner = tuple(inner)
        self._titles = [self.tr(page.title) for page in self._pages]
        self._built: dict[str, QWidget] = {}
        self._current = ""
        self._may_close = False
        self._was_painted = False
        self._kiosk = False
        self._cleaning: Cleaning | None = None
        self.setWindowTitle(f"Brimline - {context.config.site.name}")
        self.setWindowIcon(window_icon(context.theme))
        self.setMinimumSize(*MINIMUM)
        self._lay_out()
        self._connect()
        self.shortcuts = Shortcuts(self, self._keys())

    @property
    def scope(self) -> str:
        """What the breadcrumb begins with: the line, or the site where there are several."""
        connections = self._context.config.plc_connections
        if len(connections) == 1:
            return connections[0].name or connections[0].id
        return self._context.config.site.name

    @property
    def page_id(self) -> str:
        return self._current

    def page(self, page_id: str) -> QWidget | None:
        """A page that has been built, None before it was first shown."""
        return self._built.get(page_id)

    def show_page(self, page_id: str, argument: str = "") -> None:
        """Go there; an unknown page is a defect and raises."""
        entry = self._entry(page_id)
        self.drawer.close_content()
        page = self._built.get(page_id)
        if page is None:
            page = self._built[page_id] = entry.build(self._context)
            self.stack.addWidget(page)
            self.page_built.emit()
            changed = getattr(page, "trail_changed", None)
            if changed is not None:
                changed.connect(self._update_place)
        self._current = page_id
        self.stack.setCurrentWidget(page)
        self.rail.show_page(entry.above or page_id)
        self._update_place()
        on_argument: Callable[[str], None] | None = getattr(page, "on_argument", None)
        if argument and on_argument is not None:
            on_argument(argument)

    def open_faceplate(self, key: str) -> None:
        """The faceplate of a tag in the drawer."""
        from hmi.panel.widgets.faceplate import Faceplate

        self.drawer.open_side(Faceplate(self._context, key))

    def choose_theme(self, choice: str) -> None:
        """As on the Settings page: paper, graphite or by_time."""
        self._context.change_settings(theme=choice)

    def clean_screen(self, seconds: int) -> None:
        """Lock everything but the banner until the time is over."""
        if self._cleaning is not None:
            return
        self.shortcuts.switch(on=False)
        self._cleaning = Cleaning(self._context, self, seconds, self.scope)
        self._cleaning.ended.connect(self._on_cleaning_ended)

    def show_kiosk(self) -> None:
        """Full screen without a frame; only the system can end it."""
        self._kiosk = True
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.showFullScreen()

    def finish(self) -> None:
        """Close without asking anybody."""
        self._may_close = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close:
            event.accept()
            return
        event.ignore()
        if not self._kiosk:
            self.close_requested.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc comes here only if nothing nearer wanted it, a confirmation for example."""
        if event.key() == Qt.Key.Key_Escape:
            self.drawer.close_content()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._context.bridge.set_visible(visible=True)
        self._ring.watch_input()

    def hideEvent(self, event: QEvent) -> None:
        self._context.bridge.set_visible(visible=False)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self._context.bridge.set_visible(visible=self.isVisible() and not self.isMinimized())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        compact = self.width() < COMPACT_BELOW
        self.rail.make_compact(compact)
        self.header.make_compact(compact)
        if self._cleaning is not None:
            self._cleaning.setGeometry(self.rect())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            self.painted.emit()

    def _lay_out(self) -> None:
        theme = self._context.theme
        self.rail = Rail(self._context, self._pages, self._titles)
        self.header = Header(self._context, self.scope, self._pages, self._titles)
        self.banner = Banner(self._context)
        self.content = QWidget()
        margin = theme.px("frame", "margin")
        inner = QVBoxLayout(self.content)
        inner.setContentsMargins(margin, theme.px("frame", "gutter"), margin, margin)
        self.stack = QStackedWidget()
        inner.addWidget(self.stack)
        self.drawer = Drawer(self._context, self.content)
        self._toast = Toast(self._context, self.content)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.banner)
        column.addWidget(self.content, 1)
        root = QWidget()
        root.setProperty("panel", "canvas")
        row = QHBoxLayout(root)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addLayout(column, 1)
        self.setCentralWidget(root)
        self._ring = FocusRing(self._context, self)

    def _connect(self) -> None:
        context = self._context
        self.rail.chosen.connect(self.show_page)
        self.header.breadcrumb.chosen.connect(self.show_page)
        self.header.breadcrumb.line_chosen.connect(self._on_line_chosen)
        context.scope.changed.connect(self._update_place)
        context.navigate.connect(self.show_page)
        context.open_faceplate.connect(self.open_faceplate)
        context.open_dialog.connect(self.drawer.open_center)
        context.close_drawer.connect(self.drawer.close_content)
        context.notify.connect(self._toast.say)
        context.offer.connect(self._toast.say)
        context.clean_screen.connect(self.clean_screen)
        context.plant_changed.connect(self._on_plant)
        context.bridge.failed_unheard.connect(self._on_failed_unheard)

    def _keys(self) -> list[Key]:
        tr = self.tr
        first = Key("F1", "F1", tr("Keys, and what has the focus"), self._show_help)
        others = [
            Key("Alt+Up", "Alt+\u2191", tr("Up a level"), self._go_up),
            Key("Ctrl+K", "Ctrl+K", tr("Find a tag"), self._find_tag),
            Key("F11", "F11", tr("Full screen, and back"), self._toggle_full_screen),
        ]
        return [first, *page_keys(self._titles, self._show_nth), *others]

    def _show_nth(self, index: int) -> None:
        self.show_page(self._pages[index].page_id)

    def _update_place(self) -> None:
        if not self._current:
            return  # the scope may change before anything is shown
        page, entry = self._built[self._current], self._entry(self._current)
        titles = dict(zip((p.page_id for p in self._pages), self._titles, strict=True))
        trail = tuple(getattr(page, "trail", ()))
        if entry.above:
            trail = (self.tr(entry.title), *trail)
        self.header.breadcrumb.show_place(titles[entry.above or self._current], trail, entry.above)
        self._update_scope(getattr(page, "about", ""))

    def _update_scope(self, about: str) -> None:
        """Where there are several lines, a page that is about lines names the hall or the line."""
        scope, crumb = self._context.scope, self.header.breadcrumb
        site = self._context.config.site.name
        if not scope.several or not about:
            crumb.show_scope(self.scope)
        elif about == "machine":
            crumb.show_machine(scope.name)
        elif scope.hall:
            crumb.show_hall(site)
        else:
            crumb.show_line(site, scope.name)

    def _on_line_chosen(self, connection: str) -> None:
        """On a machine's page another line means its machine; the hall is the overview's."""
        scope = self._context.scope
        if not connection:
            scope.choose_hall()
            self._show_nth(0)
        elif getattr(self._built[self._current], "about", "") == "machine":
            scope.open_machine(connection)
        else:
            scope.choose_line(connection)

    def _go_up(self) -> None:
        above = self._entry(self._current).above
        if self.drawer.content is not None:
            self.drawer.close_content()
        elif above:
            self.show_page(above)
        elif self._current == self._pages[0].page_id:
            self._context.scope.choose_hall()
        else:
            self._show_nth(0)

    def _entry(self, page_id: str) -> PageEntry:
        return next(page for page in (*self._pages, *self._inner) if page.page_id == page_id)

    def _find_tag(self) -> None:
        finder = FindTag(self._context)
        finder.chosen.connect(self._on_tag_chosen)
        self.drawer.open_center(finder)

    def _on_tag_chosen(self, key: str) -> None:
        self.drawer.close_content()
        self._context.open_faceplate.emit(key)

    def _show_help(self) -> None:
        focus = _described(self.focusWidget())
        keys = [(key.shown, key.text) for key in self.shortcuts.keys]
        help_ = KeyHelp(self._context, focus, [*keys, *control_keys()])
        help_.close_button.clicked.connect(self.drawer.close_content)
        self.drawer.open_center(help_)

    def _toggle_full_screen(self) -> None:
        if self._kiosk:
            return
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    def _on_plant(self) -> None:
        """Pages are made for one plant: those that do not follow it themselves are built again when shown."""
        self.setWindowTitle(f"Brimline - {self._context.config.site.name}")
        self.drawer.close_content()
        for page_id, page in list(self._built.items()):
            if not getattr(page, "follows_plant", False):
                del self._built[page_id]
                self.stack.removeWidget(page)
                page.hide()
                page.deleteLater()
        if self._current in self._built:
            self._update_place()
        else:
            self.show_page(self._current)

    def _on_failed_unheard(self, result: CommandResult) -> None:
        """The card or faceplate that asked was closed, or built again, before the answer came."""
        definition = self._context.engine.tags.definition(result.tag)
        title = self._context.title_of(definition) if definition is not None else result.tag
        self._context.notify.emit(f"{title}: {result.text}")

    def _on_cleaning_ended(self) -> None:
        self._cleaning = None
        self.shortcuts.switch(on=True)


def _described(widget: QWidget | None) -> str:
    """What a control says of itself; Qt returns None where there is none."""
    if widget is None:
        return ""
    return ". ".join(text for text in (widget.accessibleName(), widget.toolTip()) if text)
