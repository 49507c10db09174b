"""What all explorers share: rows of controls, a picture, words about it, errors, an end."""

import threading

import ipywidgets
from IPython.display import display

from ..controls import Text
from ..spoken import GOAL_CLASS, ROOT_CLASS, WORDS_CLASS, spoken
from ..widgets import Alive, all_within, close_parts, live_class, show
from .canvas import Canvas
from .still import SENTENCE, still_html

ALIVE = Alive()
"""The explorers that cells have made."""


class Explorer(ipywidgets.VBox):
    """Controls, a picture and words that follow them.

    A new kind states its controls and how it draws:

    - In `__init__` it makes its controls, calls `super().__init__` with rows of them, says with
      `when` which method answers which control, and calls `begin`.
    - Such a method draws: `self.canvas.draw(function)` all anew, or it changes the artists that
      move; it ends with `self.show(words, goal)`. A `ValueError` or `TypeError` in it is bad
      input, and is told in words.

    Widgets' messages may come in a thread of their own (see `helpers.kernel`), so a method runs
    while no other does.

    Attributes:
        picture: an `ipywidgets.Image`.
        words: what the picture shows, in words.
        goal: what to find, and as soon as the controls stand there, that it is found.
        notice: what was wrong, or else what goes on.
    """

    def __init__(self, rows, figsize, description, words_lines=2):
        """Put the parts together.

        Args:
            rows: lists of controls; a row that is too long for the page goes on in the next line.
            figsize: the picture's width and height in inches of 100 pixels.
            description: what kind of picture it is, for those who can't see it.
            words_lines: how many lines the words need on a page that is 1,000 pixels wide.
        """
        self._one_at_a_time = threading.RLock()
        self._description = description
        self._goes_on = ""
        self.canvas = Canvas(figsize)
        self.picture = self.canvas.image
        self.words, self.goal, self.notice = Text(words_lines), Text(lines=1), Text(lines=2)
        self.words.add_class(WORDS_CLASS)
        self.goal.add_class(GOAL_CLASS)
        self.goal.layout.display = "none"
        wrap = {"flex_flow": "row wrap", "align_items": "center", "overflow": "visible"}
        boxes = [ipywidgets.HBox(row, layout=wrap) for row in rows]
        super().__init__(
            [*boxes, self.picture, self.goal, self.words, self.notice, spoken(description)],
            layout={"overflow": "visible", "max_width": "100%"},
        )
        self.add_class(ROOT_CLASS)
        self.add_class(live_class(self.model_id))
        self.picture.layout.display = "none"
        ALIVE.register(self)

    def when(self, method, *controls):
        """Have `method()` answer each change of these controls, or press on these buttons."""
        for control in controls:
            if isinstance(control, ipywidgets.Button):
                control.on_click(lambda _button: self.begin(method))
            else:
                control.observe(lambda _change: self.begin(method), "value")

    def begin(self, method):
        """Call `method()` while no other runs, and tell in words what it raises."""
        with self._one_at_a_time:
            if self.comm is None:
                return  # its cell ran again while this waited
            with self.notice.hold_sync():
                try:
                    self.notice.say(self._goes_on)
                    method()
                except (ValueError, TypeError) as error:
                    self.complain(str(error))

    def show(self, words, goal=None):
        """Show the picture as it is now, and say what it shows.

        Args:
            words: a text, or a dict of texts.
            goal: a `Goal`, as the controls stand now; None if there is nothing to find.
        """
        self.canvas.show()
        if isinstance(words, dict):
            self.words.table(words)
        else:
            self.words.say(words)
        self._show_goal(goal)
        self.picture.layout.display = None
        self.picture.layout.visibility = None

    def _show_goal(self, goal):
        if goal is None:
            self.goal.say("")
        elif goal.found:
            self.goal.say(goal.found, "Goal reached:")
        else:
            self.goal.say(goal.aim, "Goal:")
        self.goal.layout.display = "none" if goal is None else None

    def tell(self, text):
        """Have the notice say this, now and whenever nothing is wrong."""
        self._goes_on = text
        self.notice.say(text)

    def complain(self, text):
        """Tell what was wrong. The picture is of something else then, and hidden."""
        self.notice.complain(text)
        self.words.say("")
        self.goal.say("")
        self.picture.layout.visibility = "hidden"

    def answer_as_this_message_came(self):
        """Have later messages of this explorer handled where the present one was meant to be.

        ipykernel 7.4 hands a widget's messages to the subshell of the message that was answered
        when its state was last sent. At first that is the cell's, which belongs to the main thread.
        """
        for widget in all_within(self):
            if isinstance(widget, ipywidgets.DOMWidget):
                widget.send_state("layout")

    def close(self):
        """Take the explorer from the page, and give its memory back."""
        with self._one_at_a_time:
            close_parts(self)
            super().close()
            self.canvas.close()

    def __repr__(self):
        return SENTENCE

    def _ipython_display_(self, **_how):
        """Show the widget, and store its picture beside it for pages that have no kernel."""
        if self.comm is None:
            display({"text/plain": SENTENCE}, raw=True)
            return
        width = self.picture.layout.width.removesuffix("px")
        show(self, SENTENCE, still_html(self.picture.value, width, self._description))
