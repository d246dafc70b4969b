"""Where one is: scope, page, part of the page; a touch on the page offers the others."""

from collections.abc import Sequence

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
    """``chosen`` carries a page_id: the scope leads to the first page, the picker to any."""

    chosen = Signal(str)

    def __init__(
        self, context: PanelContext, scope: str, pages: Sequence[PageEntry], titles: Sequence[str]
    ) -> None:
        super().__init__()
        self._context = context
        self._pages = list(zip(pages, titles, strict=True))
        self._trail: tuple[str, ...] = ()
        self._above = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self._scope = self._part(scope, "body", "scope")
        self._scope.clicked.connect(lambda: self.chosen.emit(self._pages[0][0].page_id))
        self._page = self._picker("h2", strong=True)
        self._parent_page = self._picker("body", strong=False)
        self._parts = Label(context, "", "h2")
        self._parts_glyph = Glyph(context, "chevron-right", "text3", 18)
        row.addWidget(self._scope)
        row.addWidget(Glyph(context, "chevron-right", "text3", 18))
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
        self._scope.setText(scope)

    def hide_scope(self, hide: bool) -> None:
        """Small screens keep only the page."""
        self._scope.setVisible(not hide)

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

    def _pick(self, picker: Button) -> None:
        if self._above:
            self.chosen.emit(self._above)
            return
        menu = QMenu(self)
        menu.setFont(self._context.theme.font("body"))
        for page, title in self._pages:
            action = menu.addAction(themed_icon(self._context.theme, page.icon), title)
            action.triggered.connect(lambda _=False, page_id=page.page_id: self.chosen.emit(page_id))
        menu.aboutToHide.connect(menu.deleteLater)
        # Below the banner: nothing ever covers that.
        frame = self._context.theme.px("frame", "header") + self._context.theme.px("frame", "banner")
        place = picker.mapTo(self.window(), QPoint(0, 0))
        menu.popup(self.window().mapToGlobal(QPoint(place.x(), frame + 4)))
