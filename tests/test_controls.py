"""The controls of the explorers, moved and typed into as a learner does it."""

import html
import re

import ipywidgets
import pytest

from helpers import controls


def read(text):
    """What a learner reads in a text."""
    return html.unescape(re.sub("<[^>]*>", "", text.value))


def tooltip(control):
    """By the name that this version of ipywidgets has for it."""
    (name,) = (n for n in ("tooltip", "description_tooltip") if n in control.keys)
    return getattr(control, name)


def whole_numbers():
    return controls.whole_numbers("patience", "how long", 0, 20, 5)


def numbers():
    return controls.numbers("rate", "how many", 0, 0.9, 0.05, 0.3)


def listed():
    return controls.listed("rate", "how fast", [("0.00001", 1e-5), ("0.1", 0.1), ("7", 7.0)], 0.1)


SLIDERS = {"whole numbers": (whole_numbers, 7), "numbers": (numbers, 0.45), "listed": (listed, 7.0)}


def values(slider):
    return slider.value, slider.field.value, slider.slider.value


@pytest.mark.parametrize("part", ["field", "slider", None])
@pytest.mark.parametrize("kind", SLIDERS)
def test_field_and_slider_follow_each_other_and_one_change_is_told_once(kind, part):
    make, value = SLIDERS[kind]
    slider, told = make(), []
    slider.observe(lambda change: told.append(change["new"]), "value")
    assert len(set(values(slider))) == 1 and value not in values(slider)
    (getattr(slider, part) if part else slider).value = value
    assert values(slider) == (value, value, value)
    assert told == [value]


@pytest.mark.parametrize(
    ("dragged", "value"), [(0.1 + 0.2, 0.3), (0.15000000000000002, 0.15), (0.7000001, 0.7)]
)
def test_a_dragged_number_is_rounded_to_whole_steps(dragged, value):
    slider = controls.numbers("rate", "how many", 0, 0.9, 0.05, 0)
    slider.slider.value = dragged
    assert values(slider) == (value, value, value)


def test_a_step_of_a_tenth_rounds_to_tenths():
    slider = controls.numbers("rate", "how many", 0, 0.9, 0.1, 0)
    slider.slider.value = 0.30000000000000004
    assert values(slider) == (0.3, 0.3, 0.3)


def test_what_is_typed_beyond_the_limits_becomes_the_limit():
    slider = whole_numbers()
    slider.field.value = 99
    assert values(slider) == (20, 20, 20)
    slider.field.value = -3
    assert values(slider) == (0, 0, 0)


def test_the_largest_value_can_be_changed_later():
    slider = whole_numbers()
    assert slider.max == 20
    slider.max = 100
    assert (slider.max, slider.field.max, slider.slider.max) == (100, 100, 100)
    slider.value = 80
    assert values(slider) == (80, 80, 80)
    slider.max = 10
    assert values(slider) == (10, 10, 10)


def test_a_list_shows_the_texts_of_its_values():
    slider = listed()
    slider.slider.index = 2
    assert (slider.field.label, slider.value) == ("7", 7.0)
    slider.field.label = "0.00001"
    assert (slider.slider.label, slider.value) == ("0.00001", 1e-5)


@pytest.mark.parametrize("kind", SLIDERS)
def test_a_slider_has_its_label_once_and_both_parts_have_the_tooltip(kind):
    slider = SLIDERS[kind][0]()
    assert slider.field.description and not slider.slider.description
    assert slider.slider.readout is False
    assert tooltip(slider.field) == tooltip(slider.slider) != ""
    assert controls.SLIDER_CLASS in slider._dom_classes
    assert slider.children == (slider.field, slider.slider)


def test_a_slider_may_wait_until_it_is_let_go():
    made = controls.whole_numbers("image", "which", 0, 9, 0, continuous=False)
    assert made.slider.continuous_update is False
    assert whole_numbers().slider.continuous_update is True


def test_choices_begin_with_the_first_unless_another_is_given():
    options = [("five", 5), ("ten", 10)]
    assert controls.choice("epochs", "how many", options).value == 5
    assert controls.choice("epochs", "how many", options, 10).value == 10
    assert controls.choice("name", "which", ["a", "b"]).value == "a"
    assert controls.choice("name", "which", []).value is None


@pytest.mark.parametrize(
    "make",
    [
        lambda: controls.choice("epochs", "how many", ["5"]),
        lambda: controls.whole_number("start", "where", 0, 9, 4),
        lambda: controls.button("Train", "train it", "primary"),
    ],
    ids=["choice", "whole number", "button"],
)
def test_each_control_has_a_label_and_a_tooltip(make):
    made = make()
    assert made.description and tooltip(made)


@pytest.mark.parametrize(
    "kind", [ipywidgets.Button, ipywidgets.IntSlider, ipywidgets.Dropdown, ipywidgets.FloatText]
)
def test_a_control_is_explained_by_the_name_that_ipywidgets_sends(kind):
    assert tooltip(controls.explained(kind(), "what it does")) == "what it does"


def test_a_text_is_plain_text():
    text = controls.Text(2)
    assert read(text) == ""
    text.say("a < b & c\nsecond line")
    assert "a &lt; b &amp; c\nsecond line" in text.value and "pre-line" in text.value
    assert read(text) == "a < b & c\nsecond line"
    text.say("")
    assert read(text) == "" and "alert" not in text.value


def test_a_text_may_have_a_label_in_bold():
    text = controls.Text(1)
    text.say("a < b", "Goal & more:")
    assert "<b>Goal &amp; more:</b> " in text.value
    assert read(text) == "Goal & more: a < b"


def test_a_complaint_is_an_alert_in_plain_text():
    text = controls.Text(1)
    text.complain("no <script>")
    assert "no &lt;script&gt;" in text.value and 'role="alert"' in text.value
    assert read(text) == "This did not work: no <script>"


def test_a_table_has_names_and_texts():
    text = controls.Text(3)
    text.table({"stops": "after epoch 3", "<b>": "a & b"})
    assert "<b>stops</b> after epoch 3" in text.value
    assert "<b>&lt;b&gt;</b> a &amp; b" in text.value


def test_a_text_keeps_room_for_its_lines():
    heights = [float(controls.Text(n).layout.min_height.removesuffix("em")) for n in (1, 2, 4)]
    assert heights[1] == pytest.approx(2 * heights[0])
    assert heights[2] == pytest.approx(4 * heights[0])


@pytest.mark.parametrize(("value", "told"), [(0.5, [0.5]), (0.1, [])])
def test_a_list_may_be_offered_instead_of_another_and_that_is_told_once(value, told):
    slider, heard = listed(), []
    slider.observe(lambda change: heard.append(change["new"]), "value")
    slider.offer([("0.1", 0.1), ("a half", 0.5), ("3", 3)], value)
    assert values(slider) == (value, value, value) and heard == told
    slider.slider.index = 2
    assert values(slider) == (3, 3, 3) and heard == [*told, 3]
    slider.field.label = "a half"
    assert values(slider) == (0.5, 0.5, 0.5)


def test_a_slider_can_be_disabled_with_its_field():
    slider = listed()
    assert not slider.disabled
    slider.disabled = True
    assert slider.disabled and slider.field.disabled and slider.slider.disabled
