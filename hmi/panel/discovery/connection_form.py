"""Which connection the tags go to: facts of one the plant file has, or the fields of a new one."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.discovery.fields import Field
from hmi.panel.discovery.form_check import parse_number, parse_whole
from hmi.panel.discovery.scroll import Column, scrolling
from hmi.panel.discovery.session import DiscoverySession
from hmi.panel.widgets.label import ElidedLabel, Label

_MOST_NOTICES = 12


class ConnectionForm(QWidget):
    """Follows the session; what is typed is taken at once."""

    def __init__(self, context: PanelContext, session: DiscoverySession) -> None:
        super().__init__()
        self._session = session
        self.heading = ElidedLabel(context, "", "h2")
        self.subtitle = Label(context, "", "label", "text2", wrap=True)
        self.explanation = Label(context, "", "body", "text2", wrap=True)
        self.id = Field(context, self.tr("Id, part of every tag's key"))
        self.name = Field(context, self.tr("Name for people"))
        self.scan = Field(context, self.tr("Scan period, ms"))
        self.timeout = Field(context, self.tr("Longest wait for an answer, s"))
        self.notices_title = Label(context, self.tr("Left out"), "bodyStrong")
        self.notices = Label(context, "", "label", "text2", wrap=True)
        self._lay_out()
        self.id.edited.connect(lambda _: self._session.change_connection(id=self.id.text))
        self.name.edited.connect(lambda _: self._session.change_connection(name=self.name.text))
        self.scan.edited.connect(lambda _: self._on_scan())
        self.timeout.edited.connect(lambda _: self._on_timeout())
        session.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        session = self._session
        new, browsed = session.new, session.browsed
        self.heading.change_text(session.connection_title)
        target = session.source.target if session.source is not None else None
        self.subtitle.setText(f"{target.family}   {target.host}:{target.port}" if target else "")
        for field in self._fields():
            field.setVisible(new is not None)
        words = self.tr("The plant file gets a new connection.") if new is not None else ""
        known = self.tr("The plant file has this controller: the tags are added to it.")
        self.explanation.setText(words or known)
        if new is not None:
            values = (new.id, new.name, str(new.scan_rate_ms), f"{new.timeout:g}")
            for field, text in zip(self._fields(), values, strict=True):
                if not field.entry.hasFocus():
                    field.show_text(text)
            problems = session.connection_problems()
            for field, key in zip(self._fields(), ("id", "name", "scan_rate_ms", "timeout"), strict=True):
                field.show_problem(problems.get(key, ""))
        notices = browsed.notices if browsed is not None else ()
        self.notices_title.setVisible(bool(notices))
        self.notices.setText("\n".join(notices[:_MOST_NOTICES]))

    def _fields(self) -> tuple[Field, ...]:
        return (self.id, self.name, self.scan, self.timeout)

    def _lay_out(self) -> None:
        content = Column()
        for part in (self.explanation, *self._fields(), self.notices_title, self.notices):
            content.rows.addWidget(part)
        content.rows.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.heading)
        column.addWidget(self.subtitle)
        column.addSpacing(6)
        column.addWidget(scrolling(content), 1)

    def _on_scan(self) -> None:
        """What is no number becomes one that is refused, so that nothing else is written meanwhile."""
        try:
            period = parse_whole(self.scan.text)
        except ValueError:
            period = None
        self._session.change_connection(scan_rate_ms=0 if period is None else period)

    def _on_timeout(self) -> None:
        try:
            longest = parse_number(self.timeout.text)
        except ValueError:
            longest = None
        self._session.change_connection(timeout=0.0 if longest is None else longest)
