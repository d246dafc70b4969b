"""A controller whose address somebody knows."""

from hmi.panel.context import PanelContext
from hmi.panel.discovery.address_form import AddressForm
from hmi.panel.discovery.pane import SourcePane
from hmi.panel.discovery.source import Source, connection_name, connection_of

_FORM_WIDTH = 720


class AddressPane(SourcePane):
    """Says so when the plant file has this controller already."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(
            context,
            self.tr("By address"),
            self.tr("For a controller that no broadcast reaches. It is asked when you go on."),
        )
        self.form = AddressForm(context)
        self.form.setMaximumWidth(_FORM_WIDTH)
        for entry in (self.form.host, self.form.port, self.form.rack, self.form.slot):
            entry.entry.returnPressed.connect(self._on_enter)
        self.content.addWidget(self.form)
        self.content.addStretch(1)
        self.form.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        target = self.form.target
        if target is None:
            self.choose(None, self.tr("Enter the address"))
            return
        known = connection_of(self.context.config, target)
        title = connection_name(self.context.config, known) if known else f"{target.family} {target.host}"
        self.choose(Source(title, target, known))

    def _on_enter(self) -> None:
        if self.source is not None:
            self.accepted.emit()
