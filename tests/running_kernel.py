"""A real kernel for tests, without a page."""

import ast
import queue

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager


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
