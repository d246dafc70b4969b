"""Where one is: scope, page, part of the page; a touch on a page or a line offers the others."""

from collections.abc import Sequence
from enum import Enum, auto

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.icons import themed_icon
from hmi.panel.pages import PageEntry
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.glyph import Glyph
from hmi.panel.widgets.label import Label


class Breadcrumb(QWidget):
    """``chosen`` carries a page_id: the scope leads to the first page, the picker to any.

    Where there are several lines, the part that names the hall or a line is their picker on the pages
    that are about lines.
    """

    chosen = Signal(str)
    line_chosen = Signal(str)
    """A connection, or empty for the hall."""

    def __init__(
        self, context: PanelContext, scope: str, pages: Sequence[PageEntry], titles: Sequence[str]
    ) -> None:
        super().__init__()
        self._context = context
        self._pages = list(zip(pages, titles, strict=True))
        self._trail: tuple[str, ...] = ()
        self._above = ""
        self._lines = Naming.NONE
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self._scope = self._part(scope, "body", "scope")
        self._scope.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self._scope.setIconSize(QSize(18, 18))
        self._scope.clicked.connect(self._on_scope)
        self._scope_glyph = Glyph(context, "chevron-right", "text3", 18)
        self._page = self._picker("h2", strong=True)
        self._parent_page = self._picker("body", strong=False)
        self._parts = Label(context, "", "h2")
        self._parts_glyph = Glyph(context, "chevron-right", "text3", 18)
        row.addWidget(self._scope)
        row.addWidget(self._scope_glyph)
        row.addWidget(self._page)
        row.addWidget(self._parent_page)
        row.addWidget(self._parts_glyph)
        row.addSpacing(8)
        row.addWidget(self._parts)
        context.theme_changed.connect(self._refresh)
        self._refresh()

    def show_place(self, title: str, trail: Sequence[str] = (), above: str = "") -> None:
        """The page and, if any, the part of it that is open.

        ``above``: the trail is a page of its own, and a touch on the page named before it leads there.
        """
        words = self.tr("Back to {0}") if above else self.tr("Page {0}, choose another")
        for picker in (self._page, self._parent_page):
            picker.setText(title)
            picker.setAccessibleName(words.format(title))
        self._trail, self._above = tuple(trail), above
        self._refresh()

    def show_scope(self, scope: str) -> None:
        """What everything belongs to."""
        self._show_lines(scope, Naming.NONE)

    def show_hall(self, name: str) -> None:
        """All lines: the hall alone, and a touch offers its lines."""
        self.show_place(name)
        self._show_lines(name, Naming.HALL)

    def show_line(self, hall: str, name: str) -> None:
        """One line of the hall: a touch on the hall leads there, one on the line offers the others."""
        self.show_place(name)
        self._show_lines(hall, Naming.LINE)

    def show_machine(self, line: str) -> None:
        """A page about one line: a touch on the line offers the others."""
        self._show_lines(line, Naming.MACHINE)

    def _show_lines(self, scope: str, lines: "Naming") -> None:
        self._lines = lines
        self._scope.setText(scope)
        words = self.tr("{0}, choose a line")
        names = {Naming.MACHINE: words.format(scope), Naming.LINE: self.tr("Back to {0}").format(scope)}
        self._scope.setAccessibleName(names.get(lines, scope))
        for part in (self._scope, self._scope_glyph):
            part.setVisible(lines is not Naming.HALL)
        if lines in (Naming.HALL, Naming.LINE):
            for picker in (self._page, self._parent_page):
                picker.setAccessibleName(words.format(picker.text()))
        self._refresh()

    def _part(self, text: str, role: str, name: str) -> Button:
        button = Button(self._context, text, "crumb")
        button.setFont(self._context.theme.font(role))
        button.setObjectName(f"breadcrumb-{name}")
        return button

    def _picker(self, role: str, strong: bool) -> Button:
        button = self._part("", role, "page" if strong else "parent-page")
        button.setProperty("strong", "true" if strong else "false")
        button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the icon after the text
        button.setIconSize(QSize(18, 18))
        button.clicked.connect(lambda: self._pick(button))
        return button

    def _refresh(self) -> None:
        self._parts.setText(" / ".join(self._trail))
        for part in (self._parts, self._parts_glyph):
            part.setVisible(bool(self._trail))
        self._page.setVisible(not self._trail)
        self._parent_page.setVisible(bool(self._trail))
        for picker in (self._page, self._parent_page):
            chevron = themed_icon(self._context.theme, "chevron-down", "text2", 18)
            picker.setIcon(QIcon() if self._above else chevron)
        down = themed_icon(self._context.theme, "chevron-down", "text2", 18)
        self._scope.setIcon(down if self._lines is Naming.MACHINE else QIcon())

    def _on_scope(self) -> None:
        if self._lines is Naming.MACHINE:
            self._pick_line(self._scope)
        elif self._lines is Naming.LINE:
            self.line_chosen.emit("")
        else:
            self.chosen.emit(self._pages[0][0].page_id)

    def _pick(self, picker: Button) -> None:
        if self._above:
            self.chosen.emit(self._above)
            return
        if self._lines in (Naming.HALL, Naming.LINE):
            self._pick_line(picker)
            return
        menu = self._menu()
        for page, title in self._pages:
            action = menu.addAction(themed_icon(self._context.theme, page.icon), title)
            action.triggered.connect(lambda _=False, page_id=page.page_id: self.chosen.emit(page_id))
        self._pop_up(menu, picker)

    def _pick_line(self, picker: Button) -> None:
        """The hall, then its lines in the order of the plant file; where one is has a tick."""
        scope, theme, menu = self._context.scope, self._context.theme, self._menu()
        here = "" if self._lines is Naming.HALL else scope.line
        entries = [
            ("", self._context.config.site.name),
            *((each.connection, each.name) for each in scope.lines),
        ]
        tick, none = themed_icon(theme, "check"), QIcon()
        for connection, name in entries:
            action = menu.addAction(tick if connection == here else none, name)
            action.triggered.connect(lambda _=False, line=connection: self.line_chosen.emit(line))
            if not connection:
                menu.addSeparator()
        self._pop_up(menu, picker)

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setFont(self._context.theme.font("body"))
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _pop_up(self, menu: QMenu, picker: Button) -> None:
        """Below the banner: nothing ever covers that."""
        frame = self._context.theme.px("frame", "header") + self._context.theme.px("frame", "banner")
        place = picker.mapTo(self.window(), QPoint(0, 0))
        menu.popup(self.window().mapToGlobal(QPoint(place.x(), frame + 4)))


class Naming(Enum):
    """What the parts before the page name, where there are several lines."""

    NONE = auto()
    HALL = auto()
    LINE = auto()
    MACHINE = auto()
