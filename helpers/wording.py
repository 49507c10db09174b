"""How messages name what a learner gave, and how numbers are written."""


def shown(value) -> str:
    """A value as an error's sentence names it: in one line that is not too long."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if isinstance(value, (list, tuple)) and len(value) > 100:
        return f"{kind(value)} of {len(value):,}"
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and len(shape) > 1:
        return f"{kind(value)} of shape {shape}"
    try:
        text = repr(value.tolist() if isinstance(shape, tuple) else value)
    except Exception:  # what is wrong with it is then its own repr as well
        return kind(value)
    text = " ".join(text.split())
    if text.startswith("<"):  # Python's own words for what can't be written down
        name = getattr(value, "__name__", None)
        return f"the function {name}" if callable(value) and name else kind(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def kind(value) -> str:
    """What kind of value it is: "a list", "an array", "None"."""
    if value is None:
        return "None"
    name = {"ndarray": "array"}.get(type(value).__name__, type(value).__name__)
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"


def decimal(number) -> str:
    """A number as it is written in a lesson, with six decimals at most: 0.00001, not 1e-05; 1."""
    return f"{number:f}".rstrip("0").rstrip(".")
