"""The line with which a cell tells what it draws."""

import pytest

from helpers.authoring.alt_text import alternative_text, without_alternative_text


def test_it_is_the_first_line_and_can_be_left_out():
    source = "# picture: the loss over 20 epochs \nplt.plot(loss)\nplt.show()"
    assert alternative_text(source) == "the loss over 20 epochs"
    assert without_alternative_text(source) == "plt.plot(loss)\nplt.show()"


@pytest.mark.parametrize(
    "source", ["", "plt.plot(loss)", "x\n# picture: the loss", "# picture:\nx"]
)
def test_a_cell_without_it_stays_as_it_is(source):
    assert alternative_text(source) == ""
    assert without_alternative_text(source) == source
