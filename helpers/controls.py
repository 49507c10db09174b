"""The parts of widgets that a learner moves, presses and reads. Each has a name for all.

ipywidgets gives the handle of a slider no name that a screen reader could say. So each slider here
has a labelled field beside it, in which the value can be read, typed and chosen as well.
"""

import html

import ipywidgets
import traitlets

SLIDER_CLASS = "course-slider"
PRIMARY_COLOUR = "#1565c0"
"""Behind a button's white text, which is hard to read on the blue of ipywidgets 7."""


class Slider(ipywidgets.HBox):
    """A label, a field with the value, and a slider, which show and change the same value.

    Attributes:
        value: the value; a float may be rounded a little.
        field, slider: the two widgets.
    """

    value = traitlets.Any()

    def __init__(self, field, slider, decimals=None):
        """Put two widgets together that have a `value` each.

        Args:
            field: it has the label.
            slider: it has none.
            decimals: how many a float is rounded to; None for values that are not rounded.
        """
        self.field, self.slider, self._decimals = field, slider, decimals
        self._is_refilled = False
        super().__init__([field, slider], layout={"align_items": "center", "overflow": "visible"})
        self.add_class(SLIDER_CLASS)
        self.value = slider.value
        slider.observe(self._take, "value")
        field.observe(self._take, "value")
        self.observe(self._pass_on, "value")

    def _take(self, change):
        value = change["new"]
        if self._is_refilled:
            return  # one of the two parts still has the options from before
        self.value = value if self._decimals is None else round(value, self._decimals)

    def _pass_on(self, change):
        for part in (self.slider, self.field):
            if part.value != change["new"]:
                part.value = change["new"]

    def offer(self, options, value):
        """Have a slider over a list show another list, as long as the one before it.

        Args:
            options: of (text, value).
            value: the one to begin with. If it is another than before, that is told once.
        """
        self._is_refilled = True
        try:
            for part in (self.field, self.slider):
                part.options = options
                part.value = value
        finally:
            self._is_refilled = False
        self.value = value

    @property
    def disabled(self):
        """Whether it can't be moved."""
        return self.slider.disabled

    @disabled.setter
    def disabled(self, value):
        self.slider.disabled = self.field.disabled = value

    @property
    def max(self):
        """The largest value."""
        return self.slider.max

    @max.setter
    def max(self, value):
        self.slider.max = self.field.max = value


def whole_numbers(label, why, low, high, value, continuous=True):
    """A slider over whole numbers."""
    limits = {"min": low, "max": high, "value": value}
    return Slider(
        _labelled(ipywidgets.BoundedIntText(**limits), label, why, 5),
        _bare(ipywidgets.IntSlider(**limits, continuous_update=continuous), why),
    )


def numbers(label, why, low, high, step, value):
    """A slider over the multiples of a step such as 0.05."""
    limits = {"min": low, "max": high, "step": step, "value": value}
    return Slider(
        _labelled(ipywidgets.BoundedFloatText(**limits), label, why, 5),
        _bare(ipywidgets.FloatSlider(**limits), why),
        decimals=6,  # the slider adds up steps: 0.1 + 0.2 is to be 0.3
    )


def listed(label, why, options, value):
    """A slider over a list of (text, value)."""
    widest = max(len(text) for text, _ in options)
    return Slider(
        _labelled(ipywidgets.Dropdown(options=options, value=value), label, why, widest + 2),
        _bare(ipywidgets.SelectionSlider(options=options, value=value), why),
    )


def choice(label, why, options, value=None):
    """A list to choose from, of (text, value) or plain texts."""
    options = list(options)
    if value is None and options:
        value = options[0][1] if isinstance(options[0], tuple) else options[0]
    widest = max((len(o[0] if isinstance(o, tuple) else o) for o in options), default=26)
    return _labelled(ipywidgets.Dropdown(options=options, value=value), label, why, widest + 3)


def whole_number(label, why, low, high, value):
    """A field for a whole number."""
    return _labelled(ipywidgets.BoundedIntText(min=low, max=high, value=value), label, why, 6)


def button(label, why, style=""):
    """A button; its style is one that ipywidgets knows, such as "primary"."""
    made = ipywidgets.Button(description=label, button_style=style)
    if style == "primary":
        made.style.button_color = PRIMARY_COLOUR
    return explained(made, why)


def explained(control, text):
    """Give a control its tooltip, by the name that this version of ipywidgets has for it."""
    name = "tooltip" if control.has_trait("tooltip") else "description_tooltip"
    setattr(control, name, text)
    return control


class Text(ipywidgets.HTML):
    """Plain text under an explorer's picture or above it. It keeps room for some lines."""

    def __init__(self, lines):
        """Make an empty text.

        Args:
            lines: how many it has room for before what follows it must move.
        """
        super().__init__(layout={"min_height": f"{1.45 * lines:.2f}em", "width": "99%"})

    def say(self, text, label=""):
        """Show `text` (plain text), each of its lines as one, after a label in bold if any."""
        bold = f"<b>{html.escape(label)}</b> " if label else ""
        self.value = f'<div style="line-height: 1.45">{bold}{_lines(text)}</div>'

    def complain(self, text):
        """Show `text` (plain text) as an error."""
        self.value = (
            '<div role="alert" style="color: var(--jp-error-color1, #b00020); line-height: 1.45">'
            f"<b>This did not work:</b> {_lines(text)}</div>"
        )

    def table(self, rows):
        """Show a dict of texts by name."""
        cells = "".join(
            f"<div><b>{html.escape(name)}</b> {html.escape(text)}</div>"
            for name, text in rows.items()
        )
        self.value = (
            '<div style="display: grid; grid-template-columns: repeat(auto-fit, minmax(17em, 1fr));'
            f' column-gap: 1.5em; max-width: 66em; line-height: 1.45">{cells}</div>'
        )


def _lines(text):
    return f'<span style="white-space: pre-line">{html.escape(text, quote=False)}</span>'


def _labelled(field, label, why, width):
    """A field with its label, wide enough for so many characters of the value."""
    field.description = label
    field.style.description_width = "initial"
    field.layout.width = f"{0.55 * len(label) + 0.62 * width + 2.6:.1f}em"
    return explained(field, why)


def _bare(slider, why):
    slider.readout = False
    slider.layout.width = "260px"
    return explained(slider, why)
