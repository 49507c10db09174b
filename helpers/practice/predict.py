"""A prediction: the learner commits before the experiment, and sees afterwards what came out."""

import base64
import string

import ipywidgets

from ..controls import PRIMARY_COLOUR, button
from ..spoken import ROOT_CLASS, WORDS_CLASS, spoken
from ..widgets import Alive, close_parts, live_class, show
from . import sketches
from .questions import as_html, find_question, read_words, told

ASKED = Alive()
"""The predictions that cells have asked for."""


def predict(name) -> "Prediction":
    """Ask for a prediction.

    Args:
        name: a question's, of those in `data/practice/`.

    Raises:
        ValueError: there is no such question.
    """
    return Prediction(find_question(name), read_words().phrases)


class Prediction(ipywidgets.VBox):
    """A question with choices; what is chosen is locked by the button.

    Attributes:
        said: the key of the choice, or the number, that was locked; None before.
        choices: by key, or number, an `ipywidgets.RadioButtons` each: one for all would answer
            arrow keys only, which JupyterLab keeps for itself.
        commit: the `ipywidgets.Button` that locks.
        notice: an `ipywidgets.HTML`: that it is locked, or what came out if that is known already.
    """

    def __init__(self, question, phrases):
        """Ask a `Question` in the phrases of its language."""
        self.question, self._phrases = question, phrases
        self.said, self._truth = None, None
        answers = question.answers()
        self._labels, self._image = list(answers.values()), ""
        if question.sketches:
            letters = string.ascii_uppercase[: len(answers)]
            self._labels = [f"{a}: {b}" for a, b in zip(letters, self._labels, strict=True)]
            self._image = _image([question.sketches[key] for key in answers], letters)
        self.choices = {
            key: ipywidgets.RadioButtons(
                options=[(label, key)],
                value=None,
                layout={"width": "auto", "max_width": "100%", "margin": "0 2px"},
            )
            for label, key in zip(self._labels, answers, strict=True)
        }
        self.commit = button(phrases["commit"], phrases["commit_why"], "primary")
        self.commit.layout = {"width": "auto", "align_self": "flex-start", "margin": "6px 2px"}
        self.commit.disabled = True
        self.notice = ipywidgets.HTML()
        ask = ipywidgets.HTML(self._asked())
        self.notice.add_class(WORDS_CLASS)
        super().__init__(
            [ask, *self.choices.values(), self.commit, self.notice, spoken("")],
            layout={"overflow": "visible"},
        )
        self.add_class(ROOT_CLASS)
        self.add_class(live_class(self.model_id))
        for choice in self.choices.values():
            choice.observe(self._choose, "value")
        self.commit.on_click(lambda _button: self._lock())
        ASKED.register(self)

    def reveal(self, truth) -> "Outcome":
        """Say what was predicted, what came out, and why.

        Args:
            truth: what came out: the key of a choice, or a number.

        Returns:
            What a notebook shows below the cell.

        Raises:
            ValueError: it can't have come out so.
        """
        outcome = Outcome(told(self.question, self.said, truth, self._phrases))
        self._truth = truth
        return outcome

    def close(self):
        """Take the question from the page, and give its memory back."""
        close_parts(self)
        super().close()

    def _choose(self, change):
        if change["new"] is None:
            return
        for choice in self.choices.values():
            if choice is not change["owner"]:
                choice.value = None
        self.commit.disabled = self.said is not None

    def _lock(self):
        chosen = [key for key, choice in self.choices.items() if choice.value is not None]
        if self.said is not None or not chosen:
            return  # the second click of two
        (self.said,) = chosen
        for part in (*self.choices.values(), self.commit):
            part.disabled = True
        text = as_html(self._phrases["locked"])
        if self._truth is not None:
            text = Outcome(told(self.question, self.said, self._truth, self._phrases)).html()
        self.notice.value = f'<div style="line-height: 1.5">{text}</div>'

    def _asked(self):
        heading = as_html(self._phrases["heading"])
        text = f"<b>{heading}</b> {as_html(self.question.ask)}"
        return f'<div style="line-height: 1.5">{text}</div>{self._image}'

    def __repr__(self):
        lines = [f"{self._phrases['heading']} {self.question.ask}"]
        return "\n".join([*lines, *(f"  ( ) {label}" for label in self._labels)])

    def _ipython_display_(self, **_how):
        """Show the widget, and the question beside it for pages that have no kernel."""
        items = "".join(f"<li>{as_html(label)}</li>" for label in self._labels)
        show(self, repr(self), f"{self._asked()}<ul>{items}</ul>")


class Outcome:
    """What came out, for a notebook to show."""

    def __init__(self, texts):
        """Keep what was said, what came out and why, as plain texts."""
        self._texts = texts

    def html(self) -> str:
        """The texts as HTML; what came out is bold."""
        said, came_out, why = map(as_html, self._texts)
        return f"{said}<br><b>{came_out}</b><br>{why}"

    def _repr_html_(self):
        look = f"border-left: 4px solid {PRIMARY_COLOUR}; padding: 0.2em 0.9em; line-height: 1.5"
        return f'<div style="{look}">{self.html()}</div>'

    def __repr__(self):
        return "\n".join(self._texts)


def _image(curves, letters):
    """The sketches; what they show is told by the choices' words."""
    data = base64.b64encode(sketches.draw(curves, letters)).decode()
    size = f'width="{sketches.WIDTH * len(curves)}" style="max-width: 100%"'
    return f'<img alt="" {size} src="data:image/png;base64,{data}">'
