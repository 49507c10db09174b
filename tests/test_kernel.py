"""What is asked of the kernel: outside of one, and in a real one."""

import ast
import threading

import pytest
from running_kernel import RunningKernel

from helpers import kernel

# --- outside of a kernel --------------------------------------------------------------------------


def test_outside_of_a_notebook_no_cell_runs_and_no_message_gets_through():
    assert kernel.running_cell() is None
    assert kernel.messages_get_through() is False


@pytest.mark.parametrize("later", [kernel.in_main_thread, kernel.when_messages_are_read])
def test_outside_of_a_kernel_work_is_done_at_once(later):
    done = []
    later(lambda: done.append(threading.current_thread()))
    assert done == [threading.main_thread()]
    thread = threading.Thread(target=later, args=[lambda: done.append(threading.current_thread())])
    thread.start()
    thread.join()
    assert done[1:] == [thread]


# --- in a kernel ----------------------------------------------------------------------------------

PREPARE = """
import threading, time
import ipywidgets
from helpers import kernel
def here():
    return threading.current_thread() is threading.main_thread()
def in_a_thread(work):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
"""


@pytest.fixture(scope="module")
def running():
    with RunningKernel() as started:
        started.run(PREPARE)
        yield started


SHOW = "cell = kernel.running_cell(); print(repr(tuple(cell)))"


def test_a_cell_is_known_by_its_id_and_each_of_its_runs_by_another(running):
    runs = [ast.literal_eval(running.run(SHOW, "an id")[0]) for _ in range(3)]
    assert {cell for cell, _ in runs} == {"an id"}
    assert len({run for _, run in runs}) == 3
    other, _ = ast.literal_eval(running.run(SHOW, "another")[0])
    assert other == "another"


def test_without_an_id_a_cell_is_known_by_its_source(running):
    runs = [ast.literal_eval(running.run(SHOW)[0]) for _ in range(2)]
    assert {cell for cell, _ in runs} == {SHOW}
    assert len({run for _, run in runs}) == 2


def test_in_one_run_the_answer_stays_the_same(running):
    text, _ = running.run("print(kernel.running_cell() == kernel.running_cell())")
    assert text == "True\n"


BUTTON = """
button = ipywidgets.Button()
@button.on_click
def pressed(_button):
    print(repr((kernel.running_cell(), kernel.messages_get_through())))
print(button.model_id)
"""


def test_in_a_widgets_callback_no_cell_runs(running):
    model_id = running.run(BUTTON, "an id")[0].strip()
    assert running.click(model_id)[0] == "(None, False)\n"


def test_in_the_main_thread_work_is_done_at_once(running):
    code = "done = []; kernel.in_main_thread(lambda: done.append(here())); print(done)"
    assert running.run(code)[0] == "[True]\n"


def test_from_another_thread_work_waits_until_the_main_thread_is_free(running):
    code = (
        "done = []; in_a_thread(lambda: kernel.in_main_thread(lambda: done.append(here())))\n"
        "print(done)"
    )
    assert running.run(code)[0] == "[]\n"
    until(running, "done")
    assert running.value("done") == [True]


READ_FIRST = """
done = []
button = ipywidgets.Button()
button.on_click(lambda _button: done.append("clicked"))
print(button.model_id)
"""


def test_messages_that_came_meanwhile_are_handled_before(running):
    """A press that waits in the queue while a cell runs comes before the work."""
    model_id = running.run(READ_FIRST)[0].strip()
    client = running.client
    code = 'import time; kernel.when_messages_are_read(lambda: done.append("worked"))\n'
    client.execute(code + "time.sleep(0.5); done.append('cell')")
    data = {"method": "custom", "content": {"event": "click"}}
    running.client.shell_channel.send(
        client.session.msg("comm_msg", {"comm_id": model_id, "data": data})
    )
    until(running, "'worked' in done")
    assert running.value("done") == ["cell", "clicked", "worked"]


def test_a_value_that_is_forgotten_is_in_no_output_but_in_the_learners_variable(running):
    for _ in range(2):
        running.run("mine = [1, 2]; same = mine\nmine")
    number = running.value("len(In) - 2")
    assert running.value(f"Out[{number}] is mine is _{number} is _") is True
    running.run("kernel.forget(mine)")
    assert running.value(f"Out[{number}], _{number}, _") == (None, None, None)
    assert running.value(f"mine, same, Out[number := {number} - 1]") == ([1, 2],) * 3


def until(running, condition):
    """Wait until something is true in the kernel."""
    while not running.value(f"bool({condition})"):
        pass
