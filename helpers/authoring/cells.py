"""What a lesson's cell is, by its id and its tags."""

from nbformat import NotebookNode

CLAIM, STORED = "claim", "nbval-check-output"
"""The tags: a check cell; a cell whose outputs are stored, and compared by nbval."""


def tags(cell: NotebookNode) -> list[str]:
    """The cell's tags."""
    return cell.metadata.get("tags", [])


def is_claim(cell: NotebookNode) -> bool:
    """Whether it checks what the text says."""
    return cell.cell_type == "code" and CLAIM in tags(cell)


def is_set_up(cell: NotebookNode) -> bool:
    """Whether it finds the course."""
    return cell.cell_type == "code" and cell.get("id") == "set-up"


def is_folded(cell: NotebookNode) -> bool:
    """Whether a beginner need not read it."""
    return is_set_up(cell) or is_claim(cell)


def is_question(cell: NotebookNode) -> bool:
    """Whether it asks for a prediction."""
    return cell.cell_type == "code" and cell.get("id", "").startswith("predict-")


def is_explorer(cell: NotebookNode) -> bool:
    """Whether it shows a slider."""
    first, *others = cell.get("id", "").split("-")
    return cell.cell_type == "code" and first not in ("predict", "reveal") and "explorer" in others
