"""What the course's widgets share: a cell that made them, and a page that may lose its kernel."""

import ipywidgets
from IPython.display import display

from . import kernel

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class Alive:
    """Which widgets the cells have made. A cell that runs again closes its own of before.

    Where the page tells no cell's id, two cells with the same source count as one.
    """

    def __init__(self):
        self._of_cell = {}

    def register(self, widget):
        """Note which cell made it, and close what an earlier run of the same cell made."""
        running = kernel.running_cell()
        if running is None:
            return
        run, made = self._of_cell.get(running.cell, (None, []))
        if run != running.run:
            for before in made:
                before.close()
            made = []
        self._of_cell[running.cell] = (running.run, [*made, widget])

    def __iter__(self):
        return (widget for _, made in self._of_cell.values() for widget in made)


def all_within(widget):
    """The widget, all widgets in it, and the layouts and styles of all these."""
    for child in getattr(widget, "children", ()):
        yield from all_within(child)
    for name in ("layout", "style"):
        part = getattr(widget, name, None)
        if isinstance(part, ipywidgets.Widget):
            yield part
    yield widget


def close_parts(box):
    """Close all that is in a box, but not the box; the kernel keeps it in no `Out` any more."""
    for widget in all_within(box):
        if widget is not box:
            widget.close()
    box.children = ()
    kernel.forget(box)


def live_class(model_id) -> str:
    """The class that the widget with this id has in the page."""
    return f"course-live-{model_id}"


def beside(model_id, html) -> str:
    """HTML that is shown only where the widget with this id and its `live_class` is not alive.

    JupyterLab and the classic Notebook mark the widgets whose kernel was restarted. A page that was
    opened again, or printed, has none. What is hidden takes no room for the first seconds, so that
    nothing jumps while the widget is loaded.
    """
    name = f"course-still-{model_id}"
    alive, dead = f".{live_class(model_id)}", ".jupyter-widgets-disconnected"
    return (
        f"<style>"
        f"@keyframes course-appear {{from {{max-height: 0}}}} "
        f".{name} {{overflow: hidden; animation: course-appear 3s step-end}} "
        f"@media print {{.{name} {{animation: none}}}} "
        f"body:has({alive}:not({dead})) .{name}, {alive}{dead} {{display: none}}"
        f"</style>"
        f'<div class="{name}">{html}</div>'
    )


def show(widget, text, html):
    """Show a widget, and beside it what a page without its kernel shows in its place.

    Args:
        widget: it has the class `live_class(its model_id)`.
        text: what a page without HTML shows.
        html: what is shown where the widget is not alive.
    """
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    display({"text/plain": text, WIDGET_VIEW: view}, raw=True)
    display({"text/plain": text, "text/html": beside(widget.model_id, html)}, raw=True)
