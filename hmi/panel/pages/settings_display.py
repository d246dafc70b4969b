"""Settings, Display: theme, touch size, language, cleaning. Changes apply at once and can be undone."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.settings import CLEANING_SECONDS
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.label import Label
from hmi.panel.widgets.segmented import Segmented
from hmi.panel.widgets.theme_tile import ThemeTile

_NARROW = 840
_LANGUAGES = ("Deutsch", "Français", "Español", "Polski")


class DisplayPane(QWidget):
    """Everything here belongs to this panel alone and is kept in its data folder."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        gutter = context.theme.px("frame", "gutter")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gutter)
        column.addWidget(self._theme_card())
        row = QHBoxLayout()
        row.setSpacing(gutter)
        row.addWidget(self._touch_card(), 1)
        row.addWidget(self._cleaning_card(), 1)
        column.addLayout(row)
        self._last_row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._last_row.setSpacing(gutter)
        self._last_row.addWidget(self._motion_card(), 1)
        self._last_row.addWidget(self._language_card(), 1)
        column.addLayout(self._last_row)
        column.addStretch(1)
        context.settings_changed.connect(self._show)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The languages need a row of their own on a small screen."""
        super().resizeEvent(event)
        narrow = event.size().width() < _NARROW
        directions = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._last_row.setDirection(directions[0] if narrow else directions[1])

    def _theme_card(self) -> Card:
        card = Card(self._context, self.tr("Theme"))
        self._themes = {
            "paper": ThemeTile(self._context, ("paper",), self.tr("Paper"), self.tr("Bright rooms")),
            "graphite": ThemeTile(self._context, ("graphite",), self.tr("Graphite"), self.tr("Dark rooms")),
            "by_time": ThemeTile(
                self._context, ("paper", "graphite"), self.tr("By time"), self.tr("Graphite 20:00 to 06:00")
            ),
        }
        group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(12)
        for choice, tile in self._themes.items():
            group.addButton(tile)
            row.addWidget(tile, 1)
            tile.clicked.connect(lambda _=False, choice=choice: self._change("theme", choice))
        card.body.addSpacing(4)
        card.body.addLayout(row)
        card.body.addSpacing(8)
        return card

    def _touch_card(self) -> Card:
        card = Card(self._context, self.tr("Touch size"))
        options = (
            ("standard", self.tr("Standard")),
            ("large", self.tr("Large")),
            ("gloves", self.tr("Gloves")),
        )
        self._touch = Segmented(self._context, options, name=self.tr("Touch size"))
        self._touch.chosen.connect(lambda value: self._change("touch_size", value))
        self._heights = Label(self._context, "", "label", "text2", wrap=True)
        card.body.addSpacing(4)
        card.body.addWidget(self._touch)
        card.body.addSpacing(4)
        card.body.addWidget(self._heights)
        card.body.addStretch(1)
        return card

    def _motion_card(self) -> Card:
        card = Card(self._context, self.tr("Motion"))
        options = ((False, self.tr("Full")), (True, self.tr("Reduced")))
        self._motion = Segmented(self._context, options, name=self.tr("Motion"))
        self._motion.chosen.connect(lambda value: self._change("reduce_motion", value))
        text = self.tr("Reduced: pointers, levels and drawers jump. Bottles still travel with the belt.")
        card.body.addSpacing(4)
        card.body.addWidget(self._motion)
        card.body.addSpacing(4)
        card.body.addWidget(Label(self._context, text, "label", "text2", wrap=True))
        card.body.addStretch(1)
        return card

    def _cleaning_card(self) -> Card:
        card = Card(self._context, self.tr("Screen cleaning"))
        options = [(seconds, self._seconds(seconds)) for seconds in CLEANING_SECONDS]
        self._cleaning = Segmented(self._context, options, name=self.tr("Cleaning time"))
        self._cleaning.chosen.connect(lambda value: self._change("cleaning_s", value))
        start = Button(self._context, self.tr("Start"), "stop", "droplet")
        start.setAccessibleName(self.tr("Start screen cleaning"))
        start.clicked.connect(lambda: self._context.clean_screen.emit(self._context.settings.cleaning_s))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._cleaning, 3)
        row.addWidget(start, 2)
        card.body.addSpacing(4)
        card.body.addLayout(row)
        card.body.addSpacing(4)
        text = self.tr("Touch is ignored while you wipe. The banner stays visible.")
        card.body.addWidget(Label(self._context, text, "label", "text2", wrap=True))
        card.body.addStretch(1)
        return card

    def _language_card(self) -> Card:
        aside = self.tr("The other languages are not in this version")
        card = Card(self._context, self.tr("Language"), aside)
        grid = QGridLayout()
        grid.setSpacing(8)
        english = Button(self._context, "English")
        english.setCheckable(True)
        english.setChecked(True)
        english.clicked.connect(lambda: english.setChecked(True))
        grid.addWidget(english, 0, 0)
        for column, name in enumerate(_LANGUAGES, start=1):
            button = Button(self._context, name)
            button.setEnabled(False)
            button.setToolTip(self.tr("Not in this version"))
            button.setAccessibleDescription(self.tr("Not in this version"))
            grid.addWidget(button, 0, column)
        for column in range(len(_LANGUAGES) + 1):
            grid.setColumnStretch(column, 1)
        card.body.addSpacing(4)
        card.body.addLayout(grid)
        card.body.addStretch(1)
        return card

    def _seconds(self, seconds: int) -> str:
        return self.tr("{0} min").format(seconds // 60) if seconds > 60 else self.tr("{0} s").format(seconds)

    def _change(self, name: str, value: object) -> None:
        before = getattr(self._context.settings, name)
        if value == before:
            self._show()
            return
        self._context.change_settings(**{name: value})

        def undo() -> None:
            self._context.change_settings(**{name: before})

        self._context.offer.emit(self.tr("Changed"), self.tr("Undo"), undo)

    def _show(self) -> None:
        settings, density = self._context.settings, self._context.density
        for choice, tile in self._themes.items():
            tile.setChecked(choice == settings.theme)
        self._touch.select(settings.touch_size)
        self._cleaning.select(settings.cleaning_s)
        self._motion.select(settings.reduce_motion)
        self._heights.setText(
            self.tr("Controls are {0} px high, rows {1}, commands {2}.").format(
                density.control, density.row, density.command
            )
        )
