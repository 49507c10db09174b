"""Load TensorFlow without its start-up messages.

TensorFlow's C++ code writes about missing GPUs and CPU options straight to standard error, before
any setting of its log level counts. In a notebook that fills a red box under the first cell. This
module turns them aside while TensorFlow loads and finds its devices; if loading fails, it shows
them. Devices can't be configured afterwards; no lesson does.
"""

import contextlib
import os
import sys
import tempfile


@contextlib.contextmanager
def _standard_error_kept():
    """Catch what the process writes to standard error; show it only if the block raises."""
    if sys.stderr is None:
        yield
        return
    sys.stderr.flush()
    with tempfile.TemporaryFile() as kept:
        original = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(original, 2)
            kept.seek(0)
            sys.stderr.write(kept.read().decode(errors="replace"))
            raise
        finally:
            os.dup2(original, 2)
            os.close(original)


with _standard_error_kept():
    import tensorflow

    tensorflow.config.list_logical_devices()

# Warnings of TensorFlow's Python side, such as that a new model needs a new graph, are for experts.
tensorflow.get_logger().setLevel("ERROR")
