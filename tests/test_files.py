"""Files are replaced in one step."""

import stat

import pytest

from helpers.files import replace_bytes, replace_file


def test_a_file_is_written_and_replaced(tmp_path):
    path = tmp_path / "a file.json"
    for text in ("first\n", "zweitens: \u00fc\r\n"):
        replace_file(path, text)
        assert path.read_bytes() == text.encode()
    assert list(tmp_path.iterdir()) == [path]


def test_bytes_are_written_as_they_are(tmp_path):
    path = tmp_path / "course.zip"
    for content in (b"", bytes(range(256))):
        replace_bytes(path, content)
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_replaced_file_keeps_its_permissions(tmp_path):
    path = tmp_path / "file"
    path.write_text("before")
    path.chmod(0o640)
    replace_file(path, "after")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("broken", ["pathlib.Path.write_bytes", "os.replace"])
def test_what_fails_changes_nothing(tmp_path, monkeypatch, broken):
    path = tmp_path / "file"
    path.write_text("before")

    def fails(*arguments, **keywords):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(broken, fails)
    with pytest.raises(OSError, match="No space left"):
        replace_file(path, "after")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
