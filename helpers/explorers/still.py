"""What stands in an explorer's place where its kernel is gone: a sentence and a still picture."""

import base64
import html

SENTENCE = (
    "This slider does not move any more: run this cell again. Choose Run, Run All Above, then "
    "press Shift + Enter in this cell."
)


def still_html(png, width, description) -> str:
    """The HTML of it.

    Args:
        png: the explorer's picture, as bytes; empty if there is none.
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
    return f"<p>{html.escape(SENTENCE)}</p>{picture}"
