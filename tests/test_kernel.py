"""What is asked of the kernel: outside of one, and in a real one."""

import ast
import queue
import threading

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from helpers import kernel


class RunningKernel:
    """A real kernel that runs cells and gets widgets' messages, as a notebook's page sends them."""

    def __init__(self):
        self.manager = KernelManager(kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def run(self, code, cell_id=None):
        """Run a cell; return its printed text and its outputs."""
        metadata = {} if cell_id is None else {"cellId": cell_id}
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        return self._answers("execute_request", content, metadata)

    def value(self, expression):
        """The value of an expression, by way of its repr."""
        text, _ = self.run(f"print(repr(({expression})))")
        return ast.literal_eval(text)

    def click(self, model_id):
        """Press a button; return what is printed meanwhile, and the outputs."""
        data = {"method": "custom", "content": {"event": "click"}}
        return self._answers("comm_msg", {"comm_id": model_id, "data": data}, {})

    def _answers(self, kind, content, metadata):
        message = self.client.session.msg(kind, content, metadata=metadata)
        self.client.shell_channel.send(message)
        text, outputs = "", []
        while True:
            try:
                answer = self.client.get_iopub_msg(timeout=1)
            except queue.Empty:
                assert self.manager.is_alive(), "the kernel died"
                continue
            if answer["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            content = answer["content"]
            if answer["msg_type"] == "stream":
                text += content["text"]
            elif answer["msg_type"] in ("display_data", "execute_result"):
                outputs.append(content["data"])
            elif answer["msg_type"] == "error":
                raise AssertionError("\n".join(content["traceback"]))
            elif answer["msg_type"] == "status" and content["execution_state"] == "idle":
                return text, outputs


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
