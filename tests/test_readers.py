"""What a lesson that was run becomes for those who read it where no kernel is."""

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.authoring import publish
from helpers.authoring.readers import STILL, for_readers
from helpers.explorers.still import SENTENCE, still_html
from helpers.practice.predict import Outcome
from helpers.practice.questions import Question, read_words, told
from helpers.widgets import beside


def read(source="x", html="", cell_id="a-cell", **metadata):
    """What becomes of a cell, and of the HTML that it shows."""
    output = new_output("display_data", data={"text/html": html, "text/plain": "plain"})
    cell = new_code_cell(source, id=cell_id, outputs=[output], metadata=metadata)
    notebook = new_notebook(cells=[cell])
    for_readers(notebook)
    return cell, output.data["text/html"]


def test_the_words_of_a_picture_become_its_alternative_text():
    cell, _ = read("# picture: the loss over epochs\nplt.plot(loss)")
    assert cell.metadata.mystnb == {"image": {"alt": "the loss over epochs"}}
    assert cell.source == "plt.plot(loss)"
    cell, _ = read("# a comment\nplt.plot(loss)")
    assert (cell.source, cell.metadata) == ("# a comment\nplt.plot(loss)", {})


def test_a_slider_is_called_a_still_picture_and_shown_at_once():
    _, html = read(html=beside("id", still_html(b"png", 100, "a curve")))
    assert STILL in html and SENTENCE not in html
    assert "<style" not in html and 'alt="a curve"' in html


def test_a_question_is_shown_without_its_code():
    cell, html = read("rise = predict('rise')", beside("id", "Rise?"), "predict-rise", tags=[])
    assert cell.metadata.tags == ["remove-input"]
    assert "Rise?" in html and "<style" not in html


def test_a_reader_is_not_told_that_nothing_was_predicted():
    question = Question("rise", "Rise?", "It must.", {"yes": "It rises", "no": "It falls"})
    said = Outcome(told(question, None, "yes", read_words().phrases)).html()
    _, html = read(html=said)
    assert html == "<b>It came out: It rises.</b><br>It must." != said


def test_the_badge_of_a_published_lesson_is_left_out():
    badge = publish.badge("https://github.com/a/b", "main", "notebooks/00_small.ipynb")
    title = new_markdown_cell(f"# 00 · Small\n\n{badge}\n\nWords.", id="title")
    for_readers(new_notebook(cells=[title]))
    assert title.source == "# 00 · Small\n\n\n\nWords."
