"""What befalls a class: each fault is told in a sentence, and nothing is lost."""

import pytest
from faults import tables

FAULTS = {f"{table}: {fault.what}": fault for table, faults in tables().items() for fault in faults}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_in_a_sentence(name, tmp_path):
    text = FAULTS[name].happens(tmp_path)
    assert FAULTS[name].sees in text
    for jargon in ("Traceback", "Errno", "<class", "NoneType"):
        assert jargon not in text


def test_no_two_faults_have_one_name():
    assert len(FAULTS) == sum(map(len, tables().values())) >= 100
