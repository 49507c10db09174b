"""What befalls a class: each fault is told in a sentence, and nothing is lost."""

import pytest
from faults import tables

FAULTS = [(f"{table}: {fault.what}", fault) for table, faults in tables().items() for fault in faults]


@pytest.mark.parametrize("fault", [fault for _, fault in FAULTS], ids=[name for name, _ in FAULTS])
def test_a_fault_is_told_in_a_sentence(fault, tmp_path):
    text = fault.happens(tmp_path)
    assert fault.sees in text
    for jargon in ("Traceback", "Errno", "<class", "NoneType"):
        assert jargon not in text


def test_the_table_grows():
    names = [name for name, _ in FAULTS]
    assert len(set(names)) == len(names) >= 100
