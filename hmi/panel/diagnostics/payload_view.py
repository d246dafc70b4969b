"""A payload decoded into text: of the chosen message, or of whatever somebody pastes."""

from PySide6.QtCore import Slot
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication, QTextOption
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from engine.errors import EngineError
from engine.history import CancelToken
from engine.nodes import HostView, SeenMessage
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.payload_text import hex_text, parse_payload
from hmi.panel.diagnostics.sizes import format_bytes
from hmi.panel.display import format_number, format_time_ms
from hmi.panel.theme import Theme
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.label import ElidedLabel, Label
from hmi.panel.widgets.segmented import Segmented

MOST_TEXT = 200_000
_CHOSEN, _PASTED = "chosen", "pasted"
_PASTE_HEIGHT = 96


def fixed_font(theme: Theme) -> QFont:
    """Every character as wide as the others, in the size of labels."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(theme.font("label").pixelSize())
    font.setStyleHint(QFont.StyleHint.Monospace)
    return font


class PayloadView(QWidget):
    """Decoding runs in a worker; only the answer to the newest question is shown."""

    def __init__(self, context: PanelContext, host: HostView) -> None:
        super().__init__()
        self._context, self._host = context, host
        self._payload = b""
        self._token: CancelToken | None = None
        self.message: SeenMessage | None = None
        options = ((_CHOSEN, self.tr("Chosen message")), (_PASTED, self.tr("Any payload")))
        self.source = Segmented(context, options, _CHOSEN, self.tr("Decode"))
        self.source.chosen.connect(self._on_source)
        self._topic = ElidedLabel(context, "", "bodyStrong")
        self._facts = Label(context, "", "label", "text2", wrap=True)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setFont(fixed_font(context.theme))
        self.text.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.text.setAccessibleName(self.tr("Decoded payload"))
        self.copy_text = Button(context, self.tr("Copy text"), icon="copy")
        self.copy_text.clicked.connect(self.on_copy_text)
        self.copy_payload = Button(context, self.tr("Copy payload"))
        self.copy_payload.setToolTip(self.tr("The bytes of the payload as hexadecimal digits"))
        self.copy_payload.clicked.connect(self.on_copy_payload)
        self._lay_out()
        self._turn_to(_CHOSEN)
        self._show_nothing()

    def show_message(self, message: SeenMessage) -> None:
        """Decode this one; the view turns to it if it shows something pasted."""
        self.message = message
        self.source.select(_CHOSEN)
        self._turn_to(_CHOSEN)
        self._topic.change_text(message.topic)
        parts = [format_time_ms(message.time_us, self._context.zone), format_bytes(message.size)]
        if message.seq is not None:
            parts.append(self.tr("seq {0}").format(message.seq))
        count = self.tr("1 metric") if message.metrics == 1 else self.tr("{0} metrics")
        parts.append(count.format(format_number(message.metrics)))
        facts = ", ".join(parts)
        self._facts.setText(f"{facts}\n{message.error}" if message.error else facts)
        self._decode(message.topic, message.payload)

    @Slot()
    def on_decode(self) -> None:
        """Decode what was pasted."""
        try:
            payload = parse_payload(self.paste.toPlainText())
        except ValueError as error:
            self._hint.setText(str(error))
            self._hint.show()
            self._show_text("", b"")
            return
        self._hint.hide()
        self._decode(self.paste_topic.text().strip(), payload)

    @Slot()
    def on_copy_text(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self._context.notify.emit(self.tr("The decoded text was copied"))

    @Slot()
    def on_copy_payload(self) -> None:
        QGuiApplication.clipboard().setText(hex_text(self._payload))
        size = format_bytes(len(self._payload))
        self._context.notify.emit(self.tr("The payload was copied, {0}").format(size))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.source)
        self._about = QWidget()
        words = QVBoxLayout(self._about)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(0)
        words.addWidget(self._topic)
        words.addWidget(self._facts)
        self._form = self._paste_form()
        column.addWidget(self._about)
        column.addWidget(self._form)
        column.addWidget(_framed(self.text, "plate"), 1)
        foot = QHBoxLayout()
        foot.setSpacing(self._context.theme.px("touch", "gap"))
        foot.addWidget(self.copy_text)
        foot.addWidget(self.copy_payload)
        foot.addStretch(1)
        column.addLayout(foot)

    def _paste_form(self) -> QWidget:
        context, form = self._context, QWidget()
        self.paste_topic = QLineEdit("spBv1.0/Group/NDATA/Node")
        self.paste_topic.setFont(context.theme.font("body"))
        self.paste_topic.setAccessibleName(self.tr("Topic of the payload"))
        self.paste = QPlainTextEdit()
        self.paste.setFont(fixed_font(context.theme))
        self.paste.setTabChangesFocus(True)
        self.paste.setPlaceholderText(self.tr("Payload as hexadecimal digits or base64"))
        self.paste.setAccessibleName(self.tr("Payload as hexadecimal digits or base64"))
        self._hint = Label(context, "", "label", "text", wrap=True)
        self._hint.hide()
        self.decode = Button(context, self.tr("Decode"), "primary")
        self.decode.clicked.connect(self.on_decode)
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(context.theme.px("touch", "gap"))
        row.addWidget(Label(context, self.tr("Topic"), "body", "text2"))
        row.addWidget(self.paste_topic, 1)
        row.addWidget(self.decode)
        column.addLayout(row)
        frame = _framed(self.paste, "strip")
        frame.setFixedHeight(_PASTE_HEIGHT)
        column.addWidget(frame)
        column.addWidget(self._hint)
        self.setTabOrder(self.paste_topic, self.paste)
        self.setTabOrder(self.paste, self.decode)
        return form

    def _on_source(self, source: str) -> None:
        if source == _CHOSEN and self.message is not None:
            self.show_message(self.message)
            return
        self._turn_to(source)
        if source == _CHOSEN:
            self._show_nothing()
        else:
            self._show_text("", b"")
            self.paste.setFocus()

    def _turn_to(self, source: str) -> None:
        self._about.setVisible(source == _CHOSEN)
        self._form.setVisible(source == _PASTED)

    def _show_nothing(self) -> None:
        self._topic.change_text(self.tr("No message is chosen"))
        self._facts.setText(self.tr("Choose one in the list to see what it says."))
        self._show_text("", b"")

    def _decode(self, topic: str, payload: bytes) -> None:
        if self._token is not None:
            self._token.cancel()
        host = self._host

        def on_result(text: str) -> None:
            self._token = None
            self._show_text(text, payload)

        def on_error(error: EngineError) -> None:
            self._token = None
            self._show_text(str(error), payload)

        self._token = self._context.queries.submit(lambda _: host.decode(topic, payload), on_result, on_error)

    def _show_text(self, text: str, payload: bytes) -> None:
        self._payload = payload
        if len(text) > MOST_TEXT:
            rest = format_number(len(text) - MOST_TEXT)
            text = text[:MOST_TEXT] + "\n" + self.tr("… and {0} characters more").format(rest)
        self.text.setPlainText(text)
        self.copy_text.setEnabled(bool(text))
        self.copy_payload.setEnabled(bool(payload))


def _framed(edit: QPlainTextEdit, panel: str) -> QFrame:
    """Text areas have no frame of their own on the panel."""
    frame = QFrame()
    frame.setProperty("panel", panel)
    column = QVBoxLayout(frame)
    column.setContentsMargins(1, 1, 1, 1)
    column.addWidget(edit)
    return frame
