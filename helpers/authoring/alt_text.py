"""The first line of a cell that draws: it tells in words what is drawn, for those who can't see it.

# picture: training and validation loss over 20 epochs
"""

MARK = "# picture: "


def alternative_text(source: str) -> str:
    """What a cell's first line tells of its picture; "" if it tells nothing."""
    line = source.partition("\n")[0]
    return line.removeprefix(MARK).strip() if line.startswith(MARK) else ""


def without_alternative_text(source: str) -> str:
    """A cell's code without that line."""
    return source.partition("\n")[2] if alternative_text(source) else source
