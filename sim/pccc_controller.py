"""A controller that speaks PCCC as a CIP object (class 67, service 4B), without socket or thread."""

from collections.abc import Callable

from engine.clock import Clock
from sim.cip_message import CipRefusedError, CipReply, CipRequest, Status, parse_object
from sim.pccc_directory import Directory
from sim.pccc_files import DataFiles
from sim.pccc_kinds import PcccKind
from sim.pccc_plc5 import Plc5Commands
from sim.pccc_protocol import Fields, PcccError, PcccRequest, Sts, format_reply, parse_request
from sim.pccc_slc import SlcCommands
from sim.pccc_status import diagnostic_status, refresh_status_file

_EXECUTE_PCCC = 0x4B
_PCCC_OBJECT = (0x67, 1, None)
_DIAGNOSTICS, _COMMANDS = 0x06, 0x0F
_ECHO, _STATUS = 0x00, 0x03


class PcccController:
    """Answers PCCC requests from its data files; ``running`` tells its mode.

    Called with the server's lock held, as every CIP object. Nothing a client sends raises.
    """

    def __init__(self, kind: PcccKind, files: DataFiles, running: Callable[[], bool], clock: Clock) -> None:
        self.kind = kind
        self.files = files
        self._running = running
        self._clock = clock
        self._commands: SlcCommands | Plc5Commands = (
            Plc5Commands(files)
            if kind.directory is None
            else SlcCommands(files, Directory(kind.directory, files))
        )

    def handle(self, request: CipRequest) -> CipReply:
        """Execute PCCC; everything else is refused."""
        if parse_object(request.path) != _PCCC_OBJECT:
            return CipReply(Status.PATH_UNKNOWN)
        if request.service != _EXECUTE_PCCC:
            return CipReply(Status.SERVICE_UNSUPPORTED)
        requester, message = _split(request.data)
        return CipReply(data=requester + self.execute(message))

    def execute(self, message: bytes) -> bytes:
        """Answer one PCCC message; one too short for its header is answered as transaction 0."""
        refresh_status_file(self.kind, self.files, self._clock, running=self._running())
        try:
            request = parse_request(message)
        except PcccError:
            return format_reply(PcccRequest(message[0] if message else 0, 0, 0, b""), sts=Sts.ILLEGAL)
        try:
            return format_reply(request, self._carry_out(request))
        except PcccError as error:
            return format_reply(request, sts=error.sts, ext=error.ext)

    def _carry_out(self, request: PcccRequest) -> bytes:
        fields = Fields(request.data)
        if request.command == _COMMANDS:
            return self._commands.execute(fields)
        if request.command == _DIAGNOSTICS:
            return self._diagnose(fields)
        raise PcccError

    def _diagnose(self, fields: Fields) -> bytes:
        function = fields.byte()
        if function == _ECHO:
            return fields.rest()
        if function == _STATUS:
            return diagnostic_status(self.kind, self.files, running=self._running())
        raise PcccError


def _split(data: bytes) -> tuple[bytes, bytes]:
    """Who asks (its length, that byte included, comes first; echoed in the reply), and the PCCC message."""
    length = data[0] if data else 0
    if not 1 <= length <= len(data):
        raise CipRefusedError(Status.NOT_ENOUGH_DATA)
    return data[:length], data[length:]
