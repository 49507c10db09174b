"""What all explorers share: rows of controls, a picture, words about it, errors, an end."""

import threading

import ipywidgets
from IPython.display import display

from .. import kernel
from .canvas import Canvas
from .controls import Text
<<<<<<< HEAD
from .names import ROOT_CLASS, WORDS_CLASS, names
from .still import SENTENCE, WIDGET_VIEW, live_class, still_html
=======
from .names import GOAL_CLASS, ROOT_CLASS, WORDS_CLASS, names
from .still import SENTENCE, live_class, still_html

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
>>>>>>> part_a


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
            [*boxes, self.picture, self.goal, self.words, self.notice, names(description)],
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
        for widget in _all_within(self):
            if isinstance(widget, ipywidgets.DOMWidget):
                widget.send_state("layout")

    def close(self):
        """Take the explorer from the page, and give its memory back."""
        with self._one_at_a_time:
            for widget in _all_within(self):
                if widget is not self:
                    widget.close()
            super().close()
            self.children = ()
            self.canvas.close()
            kernel.forget(self)

    def __repr__(self):
        return SENTENCE

    def _ipython_display_(self, **_how):
        """Show the widget, and store its picture beside it for pages that have no kernel."""
        if self.comm is None:
            display({"text/plain": SENTENCE}, raw=True)
            return
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        display({"text/plain": SENTENCE, WIDGET_VIEW: view}, raw=True)
        width = self.picture.layout.width.removesuffix("px")
        still = still_html(self.model_id, self.picture.value, width, self._description)
        display({"text/plain": SENTENCE, "text/html": still}, raw=True)


class _Alive:
    """Which explorers the cells have made. A cell that runs again closes its own of before.

    Where the page tells no cell's id, two cells with the same source count as one.
    """

    def __init__(self):
        self._of_cell = {}

    def register(self, explorer):
        """Note who made it, and close what an earlier run of the same cell made."""
        running = kernel.running_cell()
        if running is None:
            return
        run, made = self._of_cell.get(running.cell, (None, []))
        if run != running.run:
            for before in made:
                before.close()
            made = []
        self._of_cell[running.cell] = (running.run, [*made, explorer])

    def __iter__(self):
        return (explorer for _, made in self._of_cell.values() for explorer in made)


ALIVE = _Alive()


def _all_within(widget):
    """The widget, all widgets in it, and the layouts and styles of all these."""
    for child in getattr(widget, "children", ()):
        yield from _all_within(child)
    for name in ("layout", "style"):
        part = getattr(widget, name, None)
        if isinstance(part, ipywidgets.Widget):
            yield part
    yield widget
