"""What a screen reader says of a widget, where ipywidgets gives no way to say it.

A script in the page names the slider's handle as its field is labelled, gives the handle of a list
the text of its value, the picture a description, and makes the words and the goal live regions,
which stay in the page, so that what changes in them is read aloud. Without the script all works,
but for that.
"""

import html

import ipywidgets

from .controls import SLIDER_CLASS

ROOT_CLASS, WORDS_CLASS, GOAL_CLASS = "course-explorer", "course-words", "course-goal"

_SCRIPT = """
const root = this.closest('.ROOT'), picture = this.dataset.picture;
const set = (element, name, value) => {
    if (element && element.getAttribute(name) !== value) element.setAttribute(name, value);
};
const name = () => {
    for (const slider of root.querySelectorAll('.SLIDER')) {
        const handle = slider.querySelector('[role=slider]'), list = slider.querySelector('select');
        set(handle, 'aria-label', slider.querySelector('label').textContent);
        if (handle && list) {
            const chosen = list.options[Math.round(handle.getAttribute('aria-valuenow'))];
            if (chosen) set(handle, 'aria-valuetext', chosen.text);
        }
    }
    for (const image of root.querySelectorAll('img.widget-image')) set(image, 'alt', picture);
    for (const part of ['.WORDS', '.GOAL']) {
        const region = root.querySelector(part + ' .widget-html-content');
        set(region, 'role', 'status');
        set(region, 'aria-atomic', 'true');
    }
};
new MutationObserver(name).observe(
    root, {subtree: true, childList: true, attributeFilter: ['aria-valuetext']});
name();
"""

_CLASSES = {
    "ROOT": ROOT_CLASS,
    "SLIDER": SLIDER_CLASS,
    "WORDS": WORDS_CLASS,
    "GOAL": GOAL_CLASS,
}
for _name, _class in _CLASSES.items():
    _SCRIPT = _SCRIPT.replace(f"'.{_name}", f"'.{_class}")

_DOT = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


def spoken(picture):
    """A widget that shows nothing and carries the script.

    Args:
        picture: the description of the pictures in it.
    """
    return ipywidgets.HTML(
        f'<img alt="" src="{_DOT}" width="1" height="1" data-picture="{html.escape(picture)}" '
        f'onload="{html.escape(_SCRIPT)}">',
        layout={"height": "1px", "margin": "0"},
    )
