"""A simulated S7 CPU: answers one PDU at a time. Pure but for its memory; sockets are elsewhere."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from engine.clock import Clock
from sim.s7_clock import to_date_and_time
from sim.s7_memory import S7Memory
from sim.s7_protocol import (
    ACK_DATA_OVERHEAD,
    Function,
    ItemCode,
    JobError,
    JobRefusedError,
    MessageKind,
    Pdu,
    ReadResult,
    Setup,
    build_ack_data,
    build_ack_error,
    build_read_items,
    build_setup,
    parse_pdu,
    parse_setup,
    parse_var_items,
    parse_write_data,
)
from sim.s7_szl import CpuIdentity, CpuStatus

_SMALLEST_PDU = 112
_PROGRAM = b"\x09P_PROGRAM"


@dataclass(frozen=True, slots=True)
class CommunicationLimits:
    """What the CPU grants: PDU size in bytes (CPUs have 240, 480 or 960), parallel jobs, connections."""

    max_pdu: int = 480
    max_jobs: int = 3
    max_connections: int = 16


@dataclass(slots=True)
class S7Session:
    """What a CPU keeps of one client. ``pdu_size`` is 0 before Setup Communication."""

    pdu_size: int = 0
    rest: bytes = b""
    rest_of: tuple[int, int] = (0, 0)
    sequence: int = 0


UserdataService = Callable[["S7Cpu", S7Session, Pdu], bytes]


@dataclass(slots=True)
class S7Cpu:
    """Memory, operating state and clock of one CPU, and its answers to jobs.

    ``lock`` is held while memory is touched; whoever simulates the program holds it as well.
    ``put_get`` False refuses reads and writes as S7-1200/1500 do until access is enabled.
    """

    identity: CpuIdentity
    limits: CommunicationLimits
    clock: Clock
    userdata: UserdataService
    put_get: bool = True
    memory: S7Memory = field(default_factory=S7Memory)
    lock: threading.RLock = field(default_factory=threading.RLock)
    running: bool = True
    clock_offset_us: int = 0
    created_us: int = field(init=False)
    _since_us: int = field(init=False)

    def __post_init__(self) -> None:
        self.created_us = self._since_us = self.clock.utc_us()

    def now_us(self) -> int:
        """The CPU's own time of day, UTC microseconds."""
        return self.clock.utc_us() + self.clock_offset_us

    def status(self) -> CpuStatus:
        """What the status lists report."""
        since = to_date_and_time(self._since_us)
        return CpuStatus(self.running, since, self.limits.max_pdu, self.limits.max_connections)

    def set_running(self, *, running: bool) -> None:
        """RUN, or STOP: then clients see the memory as it was at that moment."""
        with self.lock:
            if running == self.running:
                return
            self.running = running
            self._since_us = self.now_us()
            if running:
                self.memory.thaw()
            else:
                self.memory.freeze()

    def answer(self, request: bytes, session: S7Session) -> bytes:
        """The answer to one PDU; raises MalformedPduError where the client does not speak S7."""
        pdu = parse_pdu(request)
        if pdu.kind == MessageKind.USERDATA:
            return self.userdata(self, session, pdu)
        try:
            return self._on_job(pdu, session, len(request))
        except JobRefusedError as refused:
            return build_ack_error(pdu.reference, refused.error)

    def _on_job(self, pdu: Pdu, session: S7Session, size: int) -> bytes:
        if session.pdu_size and size > session.pdu_size:
            raise JobRefusedError(JobError.PDU_SIZE)
        function = pdu.parameter[0] if pdu.parameter else None
        if function == Function.SETUP:
            return self._on_setup(pdu, session)
        if not session.pdu_size:
            raise JobRefusedError(JobError.NOT_SUPPORTED)
        match function:
            case Function.READ_VAR:
                return self._on_read(pdu, session)
            case Function.WRITE_VAR:
                return self._on_write(pdu)
            case Function.PI_SERVICE | Function.PLC_STOP:
                return self._on_mode_change(pdu)
            case _:
                raise JobRefusedError(JobError.NOT_SUPPORTED)

    def _on_setup(self, pdu: Pdu, session: S7Session) -> bytes:
        asked = parse_setup(pdu.parameter)
        if asked.pdu_size < _SMALLEST_PDU:
            raise JobRefusedError(JobError.PDU_SIZE)
        jobs = self.limits.max_jobs
        granted = Setup(
            max(1, min(asked.jobs_calling, jobs)),
            max(1, min(asked.jobs_called, jobs)),
            min(asked.pdu_size, self.limits.max_pdu),
        )
        session.pdu_size = granted.pdu_size
        return build_ack_data(pdu.reference, build_setup(granted))

    def _on_read(self, pdu: Pdu, session: S7Session) -> bytes:
        self._require_put_get()
        items = parse_var_items(pdu.parameter)
        read = self.memory.read
        with self.lock:
            results = [ReadResult(ItemCode.BAD_TYPE) if item is None else read(item) for item in items]
        data = build_read_items(results)
        if ACK_DATA_OVERHEAD + 2 + len(data) > session.pdu_size:
            raise JobRefusedError(JobError.PDU_SIZE)
        return build_ack_data(pdu.reference, pdu.parameter[:2], data)

    def _on_write(self, pdu: Pdu) -> bytes:
        self._require_put_get()
        items = parse_var_items(pdu.parameter)
        data = parse_write_data(pdu.data, len(items))
        write = self.memory.write
        with self.lock:
            codes = [
                ItemCode.BAD_TYPE if item is None else write(item, value)
                for item, value in zip(items, data, strict=True)
            ]
        return build_ack_data(pdu.reference, pdu.parameter[:2], bytes(codes))

    def _on_mode_change(self, pdu: Pdu) -> bytes:
        """PLC stop, or the start service (warm and cold alike)."""
        if not pdu.parameter.endswith(_PROGRAM):
            raise JobRefusedError(JobError.NOT_SUPPORTED)
        self.set_running(running=pdu.parameter[0] == Function.PI_SERVICE)
        return build_ack_data(pdu.reference, pdu.parameter[:1])

    def _require_put_get(self) -> None:
        if not self.put_get:
            raise JobRefusedError(JobError.NOT_SUPPORTED)
