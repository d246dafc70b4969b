"""Polling in processes of their own, over real sockets: values, commands, crashes, the end."""

import logging
import os
import re
import signal
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from drivers.base import ConnectionSettings
from drivers.poll_frames import Kind, frame
from drivers.poll_pipe import COMMAND, command_line
from engine.commands import CommandState
from engine.connections import ConnectionState
from engine.model import Quality
from tests.drivers.poll_rig import PollRig, is_alive, tags_of
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def rig():
    rig = PollRig()
    rig.engine.start()
    rig.wait_connected()
    yield rig
    rig.close()


def test_values_arrive_as_from_a_connection_in_this_process(rig):
    assert rig.sample(0, "Product").value == "ok"
    assert rig.sample(0, "Nowhere").quality is Quality.BAD
    before = rig.sample(1).source_time_us
    rig.put(1, 0, 23.5)
    wait_until(lambda: rig.sample(1).value == 23.5, "the change")
    assert rig.sample(1).source_time_us > before
    assert rig.sample(0).value == 0.0
    status = rig.engine.connection("c0")
    assert status.identity
    assert status.reads > 0
    named = [text for text in rig.events() if text.startswith("c0/Nowhere")]
    assert len(named) == 1


def test_a_command_crosses_over_and_reads_back(rig):
    result = rig.write(0, 42.5)
    assert result.state is CommandState.DONE
    assert result.readback == 42.5
    with rig.servers[0].lock:
        assert struct.unpack_from(">f", rig.memories[0], 4)[0] == 42.5


def test_a_cut_connection_is_bad_and_recovers_by_itself(rig):
    rig.servers[0].faults.drop(refuse_for_s=0.5)
    wait_until(lambda: not rig.good(0), "a bad value")
    assert rig.good(1)
    assert rig.write(0, 5.0).state is CommandState.REFUSED
    wait_until(rig.all_connected, "the recovery")
    assert sum(text.startswith("c0: Disconnected") for text in rig.events()) == 1


def test_somebody_does_not_want_to_wait_for_the_next_try(rig):
    rig.servers[0].faults.drop(refuse_for_s=60.0)
    wait_until(lambda: rig.engine.connection("c0").circuit == "open", "the circuit")
    retries = rig.engine.connection("c0").retries_per_hour
    rig.engine.retry_now("c0")
    wait_until(lambda: rig.engine.connection("c0").retries_per_hour > retries, "a try")


def test_a_killed_process_takes_its_values_with_it_and_is_started_again(rig):
    (first,) = rig.pids()
    rig.kill()
    wait_until(rig.none_good, "bad values", 1.0)
    wait_until(lambda: rig.state(0) is rig.state(1) is ConnectionState.DISCONNECTED, "the states")
    assert "SIGKILL" in rig.engine.connection("c0").cause
    rig.wait_connected()
    assert rig.pids() != [first]
    assert rig.pool.statuses()[0].restarts == 1
    texts = rig.events()
    assert (
        sum("The polling process ended (killed by SIGKILL)" in text for text in texts if "Polling 1" in text)
        == 1
    )
    assert sum(text.startswith("c0: Disconnected") for text in texts) == 1
    assert sum(text.startswith("c0: Connected") for text in texts) == 2
    assert not any(text == "c0: Connecting" for text in texts[:-4])
    wait_until(lambda: any("runs again" in text for text in rig.events()), "the recovery in the journal")


def test_nobody_claims_to_know_what_became_of_a_command_in_a_killed_process(rig):
    rig.servers[0].faults.delay_s = 0.4
    results = []
    threading.Timer(0.2, rig.kill).start()
    results.append(rig.write(0, 42.5))
    assert results[0].state is CommandState.FAILED
    assert "may have taken it" in results[0].text
    asked = [text for text in rig.events() if "c0/Speed: operator" in text and "may have taken" in text]
    assert len(asked) == 1
    rig.servers[0].faults.delay_s = 0.0
    rig.wait_connected()


def test_a_process_that_hangs_is_ended_and_started_again(rig):
    process = rig.pool._processes[0]
    process._tick_s = 0.1
    wait_until(lambda: process.status().cpu >= 0, "a figure")
    (first,) = rig.pids()
    os.kill(first, signal.SIGSTOP)
    wait_until(rig.none_good, "bad values")
    assert rig.write(0, 5.0).state is CommandState.REFUSED
    wait_until(lambda: rig.pids() not in ([first], []), "another process", 20)
    rig.wait_connected()


def test_a_process_that_hangs_does_not_hold_up_the_end():
    rig = PollRig()
    rig.pool._processes[0]._tick_s = 0.1
    rig.engine.start()
    try:
        rig.wait_connected()
        rig.kill(signal.SIGSTOP)
    finally:
        rig.close()


def test_stopping_while_a_new_process_is_waited_for_takes_no_longer():
    rig = PollRig(count=1)
    rig.pool._processes[0]._command = (sys.executable, "-c", "raise SystemExit(3)")
    rig.engine.start()
    wait_until(lambda: rig.pool.statuses()[0].restarts >= 4, "the pause to become long", 20)
    rig.close()


def test_one_connection_is_replaced_while_the_others_go_on(rig):
    rig.put(0, 4, 7.5)
    reads = rig.engine.connection("c1").reads
    old = rig.connections[0]
    old.stop()
    assert old.join(10)
    wait_until(lambda: rig.servers[0].connections == 0, "the server to see its client leave")
    assert old.put(None) != ""
    new = rig.connection(0, scan_ms=50)
    new.start()
    wait_until(lambda: new.status().state is ConnectionState.CONNECTED, "the new one")
    wait_until(lambda: rig.servers[0].connections == 1, "its session")
    wait_until(lambda: rig.engine.connection("c1").reads > reads + 3, "the other one to go on")
    assert not any(text.startswith("c1: Disconnected") for text in rig.events())
    new.stop()
    assert new.join(10)
    assert rig.pids()


def test_the_process_ends_with_its_last_connection_and_comes_back_with_the_next(rig):
    (pid,) = rig.pids()
    for connection in rig.connections:
        connection.stop()
    for connection in rig.connections:
        assert connection.join(10)
    assert not is_alive(pid)
    again = rig.connection(0)
    again.start()
    wait_until(lambda: again.status().state is ConnectionState.CONNECTED, "the new one")
    again.stop()
    assert again.join(10)


def test_the_load_is_shared_between_processes():
    rig = PollRig(count=4, processes=2)
    rig.engine.start()
    try:
        rig.wait_connected()
        assert [each.connections for each in rig.pool.statuses()] == [2, 2]
        assert len(set(rig.pids())) == 2
        assert all(each.rss_mb > 5 for each in rig.pool.statuses())
    finally:
        rig.close()


def test_a_hundred_mute_controllers_are_left_within_seconds():
    rig = PollRig(count=100, timeout_s=60.0)
    rig.engine.start()
    try:
        rig.wait_connected()
        for server in rig.servers:
            server.faults.mute = True
        wait_until(rig.none_good, "bad values")
    finally:
        # The engine waits for a quarter of their timeout only, and says so when that was not enough.
        rig.close()


def test_when_the_engine_is_behind_the_controllers_are_read_more_slowly_and_nothing_is_lost():
    rig = PollRig(count=1, inbox_limit=2, scan_ms=10)
    seen, gate, pause = [], threading.Event(), threading.Event()
    gate.set()

    def on_changes(changes):
        gate.wait()
        seen.extend(change for change in changes if change.tag == "c0/Level" and change.value is not None)

    rig.engine.tags.add_listener("test", on_changes)
    rig.engine.start()
    value = 0.0
    try:
        rig.wait_connected()
        gate.clear()
        for _ in range(20):
            value += 1.0
            rig.put(0, 0, value)
            pause.wait(0.02)
        gate.set()
        wait_until(lambda: rig.sample(0).value == value, "the newest value")
        times = [sample.source_time_us for sample in seen]
        assert times == sorted(times)
        rig.servers[0].faults.mute = True
    finally:
        gate.set()
        rig.close()


def test_what_the_process_logs_is_in_our_log(rig, expected_logs, caplog):
    expected_logs.add("fault while the polling process obeyed")
    with caplog.at_level(logging.ERROR):
        rig.pool._processes[0].send(frame(Kind.RETRY, 99, b"no pickle"))
        wait_until(lambda: "fault while the polling process obeyed RETRY" in caplog.text, "the log line")
    assert re.search(r"Polling 1: .*Traceback", caplog.text, re.DOTALL)


def test_a_connection_that_could_not_be_made_there_ends_like_any_other(rig, expected_logs):
    expected_logs.add("fault while the polling process obeyed ADD")
    told = ConnectionSettings("c0", "NOTHING", "", "127.0.0.1", 1)
    broken = rig.pool.connection(told, tags_of("c0"), 0.0)
    broken.start()
    wait_until(lambda: "Internal fault" in broken.status().cause, "the cause")
    broken.stop()
    assert broken.join(5)


def test_a_process_that_cannot_be_started_says_so():
    rig = PollRig(count=1)
    process = rig.pool._processes[0]
    process._command = ("/nonexistent/program",)
    rig.engine.start()
    try:
        wait_until(lambda: rig.state(0) is ConnectionState.DISCONNECTED, "the state")
        assert "cannot be started" in rig.engine.connection("c0").cause
    finally:
        rig.close()


def test_a_process_that_ends_at_once_is_not_started_again_and_again_without_a_pause():
    rig = PollRig(count=1)
    rig.pool._processes[0]._command = (sys.executable, "-c", "raise SystemExit(3)")
    rig.engine.start()
    try:
        wait_until(lambda: rig.pool.statuses()[0].restarts >= 2, "some tries")
        assert "exit status 3" in rig.engine.connection("c0").cause
        crashes = [text for text in rig.events() if text.startswith("Polling 1:")]
        assert len(crashes) == 1
    finally:
        rig.close()


ORPHAN = """
import os, sys, time
from tests.drivers.poll_rig import PollRig
rig = PollRig(count=1)
rig.engine.start()
rig.wait_connected()
print(rig.pids()[0], flush=True)
time.sleep(60)
"""


def test_a_process_whose_parent_was_killed_ends_by_itself():
    parent = subprocess.Popen([sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    pid = int(parent.stdout.readline())
    assert is_alive(pid)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not is_alive(pid), "the orphan to end")


PACKED = "import sys; from hmi.cli import main; sys.exit(main())"


def test_a_program_packed_into_one_executable_starts_itself_to_poll():
    rig = PollRig(count=1)
    rig.pool._processes[0]._command = (sys.executable, "-c", PACKED, COMMAND)
    rig.engine.start()
    try:
        rig.wait_connected()
        assert rig.write(0, 42.5).state is CommandState.DONE
    finally:
        rig.close()


def test_the_command_line_is_that_of_the_program_that_runs(monkeypatch):
    assert command_line() == [sys.executable, "-m", "drivers.poll_child"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert command_line() == [sys.executable, COMMAND]
