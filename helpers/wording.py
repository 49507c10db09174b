"""How messages name what a learner gave."""


def shown(value) -> str:
    """A value as an error's sentence names it: in one line that is not too long."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    name = type(value).__name__
    kind = f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"
    try:
        text = " ".join(repr(value).split())
    except Exception:  # what is wrong with it is then its own repr as well
        return kind
    if text.startswith("<"):  # Python's own words for what can't be written down
        return kind
    return text if len(text) <= 80 else f"{text[:79]}…"
