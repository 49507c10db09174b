"""What explorers share that show recorded runs over one slider: the end of every value's runs."""

from ..recorded_runs import on_the_axis
from .recorded_runs import HERE_COLOUR, OWN_COLOUR, RECORDED_COLOUR, RecordedRunsExplorer, line


class OneSettingExplorer(RecordedRunsExplorer):
    """On the left the curves of the slider's value, on the right the last epoch for every value.

    Attributes:
        value: the slider.
        seed: which seed the next training has.
    """

    def __init__(self, recorded, keys, slider, more_controls, description, data=None):
        """Put the parts together.

        Args:
            recorded, keys, description, data: as in `RecordedRunsExplorer`; of the last key the
                right side shows the last epoch.
            slider: it chooses the value.
            more_controls: a list.
        """
        self.value = slider
        style = "--" if len(keys) > 1 else "-"
        ends = Ends(recorded, keys[-1], style)
        super().__init__(recorded, keys, [[slider], more_controls], [ends], description, data)

    def chosen(self):
        return self.value.value


class Ends:
    """The last epoch for every value: of the recorded runs, and of the one trained here."""

    def __init__(self, recorded, key, style):
        """Show nothing yet.

        Args:
            recorded: a `RecordedRuns` over numbers.
            key: which column's last epoch.
            style: the line's.
        """
        self._recorded, self._key, self._style = recorded, key, style

    def make(self, left, right):
        values, last = self._recorded.last(self._key)
        right.set(xlabel=self._recorded.setting)
        right.fill_between(
            values, last.low, last.high, color=RECORDED_COLOUR, alpha=0.25, linewidth=0
        )
        mean = line(right, self._style, RECORDED_COLOUR, marker="o", zorder=2.2)
        mean.set_data(values, last.mean)
        self._means = dict(zip(values.tolist(), last.mean, strict=True))
        self._here = line(right, "none", HERE_COLOUR, marker="D", markersize=11, zorder=3.2)
        self._own = line(right, "none", OWN_COLOUR, marker="o", markersize=9, zorder=3.3)
        for mark in (self._here, self._own):
            mark.set_clip_on(False)
        self._axes = right
        return [self._here, self._own]

    def move(self, value):
        self._here.set_data([], [])
        if value is not None:
            end, _ = on_the_axis(self._means[value], *self._axes.get_ylim())
            self._here.set_data([value], [end])

    def put_own(self, value, run):
        self._own.set_data([], [])
        if run:
            end, marker = on_the_axis(run[self._key][-1], *self._axes.get_ylim())
            self._own.set_data([value], [end])
            self._own.set_marker(marker)
