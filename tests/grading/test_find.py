import io
import os
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


@pytest.mark.parametrize("mode", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_member_packed_otherwise_is_a_row(tmp_path, mode):
    content = bytearray(zipped({"x.ipynb": "a" * 500}, mode))
    content[50:60] = b"\xff" * 10
    found = search(tmp_path, {"a_1_2_x.zip": bytes(content), "c_3_2_x.ipynb": "c"})
    assert found["a_1_2_x.zip/x.ipynb"] == ("cannot be unpacked", None)
    assert found["c_3_2_x.ipynb"] == ("", b"c")


def with_bits(content, bits):
    """A zip whose members all carry these flags, in both places."""
    content = bytearray(content)
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + place] |= bits
            at = content.find(mark, at + 4)
    return bytes(content)


def test_a_zip_with_a_password_and_one_of_wrong_sizes_are_rows(tmp_path):
    short = bytearray(zipped({"x.ipynb": "a" * 500}))
    place = short.find(b"PK\1\2")
    short[place + 20 : place + 28] = (4).to_bytes(4, "little") + (10**9).to_bytes(4, "little")
    files = {
        "a_1_2_x.zip": with_bits(zipped({"x.ipynb": "a"}), 1),
        "b_2_2_x.zip": bytes(short),
        "c_3_2_x.ipynb": "c",
        f"d_{'4' * 5000}_{'2' * 5000}_x.ipynb": "d",
    }
    found = search(tmp_path, files)
    assert found["a_1_2_x.zip/x.ipynb"] == ("cannot be unpacked", None)
    assert found["b_2_2_x.zip/x.ipynb"] == ("cannot be unpacked", None)
    assert found["c_3_2_x.ipynb"] == ("", b"c")
    assert sum(content == b"d" for _, content in found.values()) == 1


def test_twins_and_names_with_a_zero_are_all_there(tmp_path):
    files = {"Anna.ipynb": "A", "anna.ipynb": "a", "bo.ipynb\0.exe": "b", "cy//x.ipynb": "c"}
    assert {content for _, content in search(tmp_path, files).values()} == {b"A", b"a", b"b", b"c"}


def test_links_are_not_followed(tmp_path):
    folder, spool = tmp_path / "all", tmp_path / "spool"
    folder.mkdir()
    spool.mkdir()
    (folder / "anna.ipynb").symlink_to("/etc/passwd")
    (folder / "bo.ipynb").write_text("b")
    (folder / "cy").symlink_to("/etc")
    os.link(folder / "bo.ipynb", folder / "di.ipynb")
    found = looked_at(find_submissions(folder, spool, SMALL))
    assert found == {
        "anna.ipynb": ("a link, not followed", None),
        "bo.ipynb": ("", b"b"),
        "cy": ("a link, not followed", None),
        "di.ipynb": ("", b"b"),
    }


def test_a_folder_that_is_closed_to_us_is_a_row(tmp_path, monkeypatch):
    """Root may read any: the system's no is played."""
    (tmp_path / "all" / "anna").mkdir(parents=True)
    (tmp_path / "all" / "bo.ipynb").write_text("b")
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("anna"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr("os.scandir", refuse)
    found = looked_at(find_submissions(tmp_path / "all", tmp_path, SMALL))
    assert found["anna"] == ("unreadable: Permission denied", None)
    assert found["bo.ipynb"] == ("", b"b")


def test_a_link_in_a_zip_is_none_either(tmp_path):
    link = zipfile.ZipInfo("a_1_2_x.ipynb")
    link.external_attr = 0o120777 << 16
    assert search(tmp_path, {link: "/etc/passwd"}) == {
        "a_1_2_x.ipynb": ("a link, not followed", None)
    }


def test_a_wrong_path_is_said(tmp_path):
    with pytest.raises(HLMError, match="There is no"):
        find_submissions(tmp_path / "nowhere", tmp_path, SMALL)
    (tmp_path / "empty").mkdir()
    with pytest.raises(HLMError, match="No notebook"):
        find_submissions(tmp_path / "empty", tmp_path, SMALL)


# -- nobody's files make another's vanish ----------------------------------------------------------


def flood(count, **more):
    return zipped({**{f"proj/f{i}.py": "" for i in range(count)}, **more}, zipfile.ZIP_STORED)


def test_one_student_s_many_files_leave_all_others_there(tmp_path, monkeypatch):
    monkeypatch.setattr("hlmteach.grading.find.MOST_MEMBERS", 100)
    files = {
        "a_1_2_x.zip": flood(500, **{"zz.ipynb": "late in the zip"}),
        "b_2_2_x.ipynb": "b",
        "c_3_2_x.zip": flood(90, **{"x.ipynb": "c"}),
        "d_4_2_x.ipynb": "d",
    }
    found = search(tmp_path, files)
    assert found["a_1_2_x.zip"] == ("too many files, or too large: not all read", None)
    assert [found[name][1] for name in ("b_2_2_x.ipynb", "d_4_2_x.ipynb")] == [b"b", b"d"]
    assert found["c_3_2_x.zip/x.ipynb"] == ("", b"c")


@pytest.mark.parametrize("folder", ["venv", "lib/site-packages", ".venv", "node_modules"])
def test_libraries_are_not_what_was_handed_in(tmp_path, folder):
    inner = zipped({f"p/{folder}/example.ipynb": "not mine", "p/08.ipynb": "mine"})
    assert search(tmp_path, {"a_1_2_x.zip": inner}) == {"a_1_2_x.zip/p/08.ipynb": ("", b"mine")}


def test_bytes_are_counted_for_each_owner(tmp_path, monkeypatch):
    monkeypatch.setattr("hlmteach.grading.find.MOST_UNFOLDED", 1000)
    inner = zipped({f"{i}.ipynb": "x" * 400 for i in range(9)}, zipfile.ZIP_STORED)
    files = {"a_1_2_x.zip": inner, **{f"b{i}_2{i}_2_x.ipynb": "b" * 600 for i in range(5)}}
    found = search(tmp_path, files)
    assert sum(content == b"b" * 600 for _, content in found.values()) == 5
    problems = {problem for label, (problem, _) in found.items() if label.startswith("a_")}
    assert "too many files, or too large: not all read" in problems


def test_a_zip_with_a_table_of_contents_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr("hlmteach.grading.find.LARGEST_DIRECTORY", 5000)
    files = {"a_1_2_x.zip": flood(300), "b_2_2_x.ipynb": "b"}
    found = search(tmp_path, files)
    assert found["a_1_2_x.zip"] == ("a zip of too many files", None)
    assert found["b_2_2_x.ipynb"] == ("", b"b")


def test_stray_files_are_no_students(tmp_path):
    files = {"notes.py": "", "grades.csv": "", "anna.ipynb": "a", "bo/homework.docx": ""}
    assert search(tmp_path, files) == {
        "anna.ipynb": ("", b"a"),
        "bo/homework.docx": ("no notebook", None),
    }


CONTENTS = {
    "notebook": ("x.ipynb", b"{}"),
    "picture": ("x.png", b"p"),
    "broken zip": ("x.zip", b"PK\3\4 no"),
    "zip": ("x.zip", zipped({"deep/x.ipynb": "{}"})),
    "empty zip": ("x.zip", zipped({})),
    "many": ("x.zip", flood(300)),
    "bomb": ("x.ipynb", b"\0" * 1_500_000),
}
FORMS = ("name{}_{}_5_{}", "Na me {}_{}_assignsubmission_file_/{}")


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.integers(1, 60), st.lists(st.sampled_from(sorted(CONTENTS)), min_size=1), min_size=1
    ),
    st.sampled_from(FORMS),
)
def test_everybody_who_handed_in_something_comes_out(tmp_path_factory, handed, form):
    folder = tmp_path_factory.mktemp("f")
    (folder / "spool").mkdir()
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        for user, kinds in handed.items():
            for number, kind in enumerate(kinds):
                file, content = CONTENTS[kind]
                archive.writestr(form.format(user, user, f"{number}{file}"), content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hlmteach.grading.find.MOST_MEMBERS", 200)
        found = find_submissions(folder / "all.zip", folder / "spool", SMALL)
    users = {one.owner.user for one in found}
    assert users == {str(user) for user in handed}
    good = {one.owner.user for one in found if one.copy}
    assert {str(u) for u, kinds in handed.items() if {"notebook", "zip"} & set(kinds)} <= good | (
        {str(u) for u, kinds in handed.items() if "many" in kinds}
    )
