"""What stands in an explorer's place where its kernel is gone: a sentence and a still picture."""

import base64
import html

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
SENTENCE = (
    "This slider does not move any more: run this cell again. Choose Run, Run All Above, then "
    "press Shift + Enter in this cell."
)


def live_class(model_id) -> str:
    """The class that the explorer with this id has in the page."""
    return f"course-live-{model_id}"


def still_html(model_id, png, width, description) -> str:
    """The HTML that is stored beside an explorer, and hidden as long as the explorer is alive.

    JupyterLab and the classic Notebook mark the widgets whose kernel was restarted. A page that was
    opened again, or printed, has none. What is hidden takes no room for the first seconds, so that
    nothing jumps while the widget is loaded.

    Args:
        model_id: the explorer's.
        png: its picture, as bytes; empty if there is none.
        width: the picture's, in pixels of the page.
        description: the picture's, in words.
    """
    picture = ""
    if png:
        data = base64.b64encode(png).decode()
        picture = (
            f'<img alt="{html.escape(description)}" width="{width}" style="max-width: 100%" '
            f'src="data:image/png;base64,{data}">'
        )
    return in_its_place(model_id, f"<p>{html.escape(SENTENCE)}</p>{picture}")


def in_its_place(model_id, content) -> str:
    """HTML that is shown where the widget with this id and its class is not alive.

    Args:
        model_id: the widget's; it has the class `live_class(model_id)`.
        content: HTML.
    """
    name = f"course-still-{model_id}"
    widget, dead = f".{live_class(model_id)}", ".jupyter-widgets-disconnected"
    return (
        f"<style>"
        f"@keyframes course-appear {{from {{max-height: 0}}}} "
        f".{name} {{overflow: hidden; animation: course-appear 3s step-end}} "
        f"@media print {{.{name} {{animation: none}}}} "
        f"body:has({widget}:not({dead})) .{name}, {widget}{dead} {{display: none}}"
        f"</style>"
        f'<div class="{name}">{content}</div>'
    )
