"""One event with everything that was recorded of it."""

from datetime import UTC, datetime

from PySide6.QtWidgets import QWidget

from engine.events import Event
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.detail_card import DetailCard
from hmi.panel.diagnostics.events_model import EventsModel
from hmi.panel.diagnostics.fact_list import FactList
from hmi.panel.display import format_time_ms
from hmi.panel.widgets.label import Label


class EventDetail(DetailCard):
    """Shows the event given to ``show_event``."""

    def __init__(self, context: PanelContext, model: EventsModel, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._model = model
        self._text = Label(context, "", "body", wrap=True)
        self.content.addWidget(self._text)
        self._facts: FactList | None = None
        self.content.addStretch(1)

    def show_event(self, event: Event) -> None:
        self.heading.change_text(self._model.source_name(event))
        self.setAccessibleName(self.heading.accessibleName())
        self._text.setText(event.text)
        if self._facts is not None:
            self._facts.deleteLater()
        facts = self._list(event)
        self._facts = FactList(self.context, [name for name, _ in facts])
        self._facts.show_facts(facts)
        self.content.insertWidget(1, self._facts)

    def _list(self, event: Event) -> list[tuple[str, str]]:
        zone = self.context.zone
        day = datetime.fromtimestamp(event.time_us // 1_000_000, UTC).astimezone(zone)
        facts = {
            self.tr("Time"): f"{day:%Y-%m-%d} {format_time_ms(event.time_us, zone)}",
            self.tr("Severity"): self._model.severity_text(event),
            self.tr("Source"): event.source,
        }
        facts |= {name.replace("_", " ").capitalize(): value for name, value in event.details}
        return list(facts.items())
