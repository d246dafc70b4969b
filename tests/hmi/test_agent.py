"""The headless plant ends when it is told to, whenever that is."""

import signal
import subprocess
import sys

END_S = 30

SIGNAL_AT_EVERY_LINE_OF_WAITING = """
import signal, sys
from hmi.agent import obey_signals, run_agent

class Plant:
    def start(self): pass
    def stop(self): print("stopped")

def signal_at(wanted):
    seen = 0
    def trace(frame, event, arg):
        nonlocal seen
        if not frame.f_code.co_filename.endswith(("threading.py", "agent.py")):
            return None
        if "wait" not in frame.f_code.co_name:
            return None
        seen += event == "line"
        if seen == wanted:
            seen += 1
            signal.raise_signal(signal.SIGTERM)
        return trace
    return trace

for number in range(1, 11):
    sys.settrace(signal_at(number))
    run_agent(Plant(), obey_signals(), 0.01)
    sys.settrace(None)
"""

WAITS_FOR_A_SIGNAL = """
from hmi.agent import obey_signals, run_agent

class Plant:
    def start(self): print("started", flush=True)
    def stop(self): print("stopped", flush=True)

print(run_agent(Plant(), obey_signals()))
"""


def test_a_signal_that_comes_at_any_line_of_the_waiting_does_not_lock_it_up() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SIGNAL_AT_EVERY_LINE_OF_WAITING],
        check=False,
        capture_output=True,
        text=True,
        timeout=END_S,
    )
    assert (done.stdout.count("stopped"), done.returncode) == (10, 0)


def test_told_twice_it_stops_once() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WAITS_FOR_A_SIGNAL],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=END_S)[0] == "stopped\n0\n"
    assert process.returncode == 0
