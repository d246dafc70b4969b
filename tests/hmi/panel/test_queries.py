"""Reads of the history outside the GUI thread."""

import threading

import pytest
from PySide6.QtCore import QThread

from engine.errors import QueryCancelledError, StorageError
from engine.history import CancelToken
from hmi.panel.queries import QueryRunner


@pytest.fixture
def runner(qapp):
    runner = QueryRunner()
    yield runner
    runner.close()


def fail(error: object) -> None:
    pytest.fail(f"not expected: {error}")


def test_the_result_arrives_in_the_gui_thread(qtbot, runner: QueryRunner) -> None:
    results: list[tuple[int, QThread]] = []
    threads: list[threading.Thread] = []

    def read(cancel: CancelToken) -> int:
        threads.append(threading.current_thread())
        return 42

    runner.submit(read, lambda n: results.append((n, QThread.currentThread())), fail)
    qtbot.waitUntil(lambda: len(results) == 1)
    assert results == [(42, runner.thread())]
    assert threads[0] is not threading.main_thread()
    assert runner.running == 0


def test_what_the_environment_did_goes_to_on_error(qtbot, runner: QueryRunner) -> None:
    errors: list[Exception] = []

    def read(cancel: CancelToken) -> int:
        raise StorageError("The disk is gone")

    runner.submit(read, fail, errors.append)
    qtbot.waitUntil(lambda: len(errors) == 1)
    assert str(errors[0]) == "The disk is gone"


def test_a_defect_is_raised_in_the_gui_thread(qtbot, runner: QueryRunner) -> None:
    def read(cancel: CancelToken) -> int:
        raise ZeroDivisionError

    with qtbot.captureExceptions() as caught:
        runner.submit(read, fail, fail)
        qtbot.waitUntil(lambda: len(caught) == 1)
    assert caught[0][0] is ZeroDivisionError


def test_a_cancelled_query_tells_nobody(qtbot, runner: QueryRunner) -> None:
    running, go_on = threading.Event(), threading.Event()

    def read(cancel: CancelToken) -> int:
        running.set()
        assert go_on.wait(5)
        if cancel.cancelled:
            raise QueryCancelledError("given up")
        return 1

    token = runner.submit(read, fail, fail)
    assert running.wait(5)
    token.cancel()
    go_on.set()
    qtbot.waitUntil(lambda: runner.running == 0)


def test_a_result_that_came_before_the_cancellation_is_dropped_too(qtbot, runner: QueryRunner) -> None:
    done = threading.Event()
    token = runner.submit(lambda _: done.set(), fail, fail)
    assert done.wait(5)
    token.cancel()
    qtbot.waitUntil(lambda: runner.running == 0)


def test_closing_waits_for_the_workers_and_refuses_new_queries(qtbot, runner: QueryRunner) -> None:
    running = threading.Event()
    ended = threading.Event()

    def read(cancel: CancelToken) -> None:
        running.set()
        while not cancel.cancelled:
            pass
        ended.set()

    runner.submit(read, fail, fail)
    assert running.wait(5)
    runner.close()
    assert ended.is_set()
    assert runner.submit(lambda _: fail("ran after close"), fail, fail).cancelled


def test_queries_wait_until_the_history_is_open(qtbot, runner: QueryRunner) -> None:
    results: list[int] = []
    runner.hold()
    runner.submit(lambda _: 1, results.append, fail)
    cancelled = runner.submit(lambda _: 2, fail, fail)
    cancelled.cancel()
    assert runner._pool.activeThreadCount() == 0
    runner.release()
    runner.submit(lambda _: 3, results.append, fail)
    qtbot.waitUntil(lambda: runner.running == 0)
    assert sorted(results) == [1, 3]


def test_what_waits_for_the_network_keeps_no_read_of_the_history_waiting(qtbot, runner: QueryRunner) -> None:
    answered, results = threading.Event(), []
    for _ in range(8):
        runner.submit(lambda _: answered.wait(10), results.append, fail, apart=True)
    runner.submit(lambda _: "history", results.append, fail)
    qtbot.waitUntil(lambda: results == ["history"])
    answered.set()
    qtbot.waitUntil(lambda: runner.running == 0)
    assert len(results) == 9
