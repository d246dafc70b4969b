"""The demo as a whole: its own edge node and the remote nodes, seen by an independent watcher."""

import json
import signal
import socket

from tests.mqtt.mosquitto import free_port
from tests.system.programs import program, run
from tests.waiting import wait_until

NODES = {"Brimline-1", "Edge-Capper-1", "Edge-Cellar", "Edge-Filler-1"}
NODES |= {"Edge-Labeller-1", "Edge-Packer-1", "Edge-Utilities"}


def ask(port, line):
    with socket.create_connection(("127.0.0.1", port), 5) as control:
        control.sendall(f"{line}\n".encode())
        return json.loads(control.recv(65536))


def test_a_cable_pulled_from_a_remote_node_makes_exactly_its_values_stale(tmp_path):
    fleet, mqtt = free_port(), free_port()
    options = ("--s7-port", 0, "--mqtt-port", mqtt, "--fleet-port", fleet, "--data", tmp_path / "data")
    with program(tmp_path / "log", "demo", "--no-panel", *options) as demo:
        wait_until(lambda: "Nodes born" in demo.text() or demo.text().count("Born in") >= 7, "births", 40)
        assert ask(fleet, "cut Edge-Labeller-1") == {"ok": True}
        wait_until(lambda: "Dead in BottlingHall" in demo.text(), "the death", 20)
        dead = [line for line in demo.text().splitlines() if "Dead in" in line]
        assert len(dead) == 1
        assert "Edge-Labeller-1" in dead[0]
        watched = run("sparkplug", "watch", "--broker", f"127.0.0.1:{mqtt}", "--once", "--json", "--wait", 3)
        assert all(f'"{node}"' in watched.stdout for node in NODES - {"Edge-Labeller-1"})
        assert ask(fleet, "restore Edge-Labeller-1") == {"ok": True}
        born_before = demo.text().count("Born in")
        wait_until(lambda: demo.text().count("Born in") > born_before, "the birth", 20)
        assert demo.terminate() == 0


def test_ctrl_c_while_the_demo_is_coming_up_leaves_nothing_behind(tmp_path):
    mqtt = free_port()
    options = ("--s7-port", 0, "--mqtt-port", mqtt, "--data", tmp_path / "data")
    with program(tmp_path / "log", "demo", "--no-panel", *options) as demo:
        wait_until(lambda: (tmp_path / "data").exists(), "the first sign of life", 20)
        demo.process.send_signal(signal.SIGINT)
        assert demo.process.wait(30) in (0, 130)
    assert "Traceback" not in demo.text()
