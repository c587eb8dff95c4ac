import io
import os
import zipfile

import pytest

from hlmteach.errors import HLMError
from hlmteach.grading.find import find_submissions
from hlmteach.grading.limits import Limits

SMALL = Limits(file=1)


def zipped(files, mode=zipfile.ZIP_DEFLATED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", mode) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def search(tmp_path, files, limits=SMALL):
    """What is found in a zip of these files: label -> (problem, content)."""
    source, spool = tmp_path / "all.zip", tmp_path / "spool"
    spool.mkdir(exist_ok=True)
    source.write_bytes(zipped(files))
    return looked_at(find_submissions(source, spool, limits))


def looked_at(found):
    return {one.label: (one.problem, one.copy and one.copy.read_bytes()) for one in found}


def test_folders_zips_and_zips_in_zips_are_searched(tmp_path):
    inner = zipped({"deep/08.ipynb": "c"})
    files = {
        "a_1_2_x.ipynb": "a",
        "b_2_3_x.zip": inner,
        "Anna_77_assignsubmission_file_/08.ipynb": "d",
    }
    assert search(tmp_path, files) == {
        "Anna_77_assignsubmission_file_/08.ipynb": ("", b"d"),
        "a_1_2_x.ipynb": ("", b"a"),
        "b_2_3_x.zip/deep/08.ipynb": ("", b"c"),
    }


def test_the_owner_of_an_inner_zip_owns_what_is_in_it(tmp_path):
    (tmp_path / "spool").mkdir()
    source = tmp_path / "all.zip"
    source.write_bytes(zipped({"leeb_LATE_2_3_work.zip": zipped({"08.ipynb": "c"})}))
    (one,) = find_submissions(source, tmp_path / "spool", SMALL)
    assert (one.owner.name, one.owner.late, one.owner.title) == ("leeb", True, "08")


def test_what_the_system_put_there_is_no_submission(tmp_path):
    files = {
        "a_1_2_x.ipynb": "a",
        "__MACOSX/._a_1_2_x.ipynb": "",
        ".ipynb_checkpoints/x.ipynb": "",
        ".DS_Store": "",
        "folder/": "",
    }
    assert list(search(tmp_path, files)) == ["a_1_2_x.ipynb"]


def test_who_handed_in_something_else_is_a_row(tmp_path):
    files = {"a_1_2_x.pdf": "a", "b_2_3_x.pdf": "b", "b_2_4_y.ipynb": "b"}
    assert search(tmp_path, files) == {
        "a_1_2_x.pdf": ("no notebook", None),
        "b_2_4_y.ipynb": ("", b"b"),
    }


def test_only_the_last_version_counts(tmp_path):
    files = {
        "a_1_5_x.ipynb": "old",
        "a_1_9_x-1.ipynb": "new",
        "a_1_5_other.ipynb": "other",
        "b_2_1_x.ipynb": "b",
    }
    found = search(tmp_path, files)
    assert [label for label, (problem, _) in found.items() if problem] == ["a_1_5_x.ipynb"]
    assert found["a_1_5_x.ipynb"][0] == "superseded"


@pytest.mark.parametrize("name", ["../../evil.ipynb", "/tmp/evil.ipynb", "..\\..\\evil.ipynb"])
def test_a_name_is_a_label_and_no_path(tmp_path, name):
    found = search(tmp_path, {name: "x"})
    assert [content for _, content in found.values()] == [b"x"]
    assert not list(tmp_path.rglob("evil*"))
    assert not os.path.exists("/tmp/evil.ipynb")


def test_a_zip_bomb_is_not_unfolded(tmp_path):
    bomb = b"\0" * 30_000_000
    files = {"a_1_2_x.ipynb": bomb, "b_2_2_x.zip": zipped({"x.ipynb": bomb}), "c_3_2_x.ipynb": "c"}
    found = search(tmp_path, files)
    assert found["a_1_2_x.ipynb"] == ("too large: over 1 MB", None)
    assert found["b_2_2_x.zip/x.ipynb"] == ("too large: over 1 MB", None)
    assert found["c_3_2_x.ipynb"] == ("", b"c")
    assert sum(path.stat().st_size for path in (tmp_path / "spool").iterdir()) < 10


def test_an_inner_zip_that_is_too_large_is_a_row(tmp_path):
    inner = zipped({"x.ipynb": os.urandom(2_000_000)})
    found = search(tmp_path, {"a_1_2_x.zip": inner, "c_3_2_x.ipynb": "c"})
    assert found["a_1_2_x.zip"] == ("cannot be unpacked", None)
    assert found["c_3_2_x.ipynb"] == ("", b"c")


def test_zips_in_zips_in_zips_end(tmp_path):
    content = zipped({"x.ipynb": "x"})
    for _ in range(5):
        content = zipped({"x.zip": content})
    (problem, _), *rest = search(tmp_path, {"a_1_2_x.zip": content}).values()
    assert not rest
    assert problem == "a zip in a zip in a zip"


@pytest.mark.parametrize("content", [b"", b"PK\3\4 and then nothing", os.urandom(2000)])
def test_a_broken_zip_is_a_row(tmp_path, content):
    found = search(tmp_path, {"a_1_2_x.zip": content, "c_3_2_x.ipynb": "c"})
    assert found["a_1_2_x.zip"][0] in ("a zip that cannot be read", "cannot be unpacked")
    assert found["c_3_2_x.ipynb"] == ("", b"c")


def test_a_damaged_member_is_a_row(tmp_path):
    content = bytearray(zipped({"a_1_2_x.ipynb": "a" * 500, "c_3_2_x.ipynb": "c" * 500}))
    content[content.find(b"x.ipynb") + 8] ^= 0xFF
    (tmp_path / "spool").mkdir()
    (tmp_path / "all.zip").write_bytes(bytes(content))
    found = looked_at(find_submissions(tmp_path / "all.zip", tmp_path / "spool", SMALL))
    assert found["a_1_2_x.ipynb"] == ("cannot be unpacked", None)
    assert found["c_3_2_x.ipynb"] == ("", b"c" * 500)


def test_links_are_not_followed(tmp_path):
    folder, spool = tmp_path / "all", tmp_path / "spool"
    folder.mkdir()
    spool.mkdir()
    (folder / "anna.ipynb").symlink_to("/etc/passwd")
    (folder / "bo.ipynb").write_text("b")
    found = looked_at(find_submissions(folder, spool, SMALL))
    assert found == {"anna.ipynb": ("a link, not followed", None), "bo.ipynb": ("", b"b")}


def test_a_wrong_path_is_said(tmp_path):
    with pytest.raises(HLMError, match="There is no"):
        find_submissions(tmp_path / "nowhere", tmp_path, SMALL)
    (tmp_path / "empty").mkdir()
    with pytest.raises(HLMError, match="No notebook"):
        find_submissions(tmp_path / "empty", tmp_path, SMALL)
