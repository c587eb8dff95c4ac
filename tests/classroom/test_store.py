import sqlite3

import pytest

from hlmteach.classroom.store import Store
from hlmteach.errors import HLMError


def test_a_second_answer_of_a_voice_takes_the_place_of_its_first(store):
    for voice, value in [("a", 1), ("b", 2), ("a", 3)]:
        store.answer("q", 0, voice, value)
    assert store.answers("q", 0) == {"b": 2, "a": 3}
    assert list(store.answers("q", 0)) == ["b", "a"]
    assert store.answer_of("q", 0, "a") == 3
    assert store.answer_of("q", 0, "nobody") is None


def test_order_is_that_of_arrival_whatever_the_clock_says(store, monkeypatch):
    for k, clock in enumerate([9e9, 1.0, 5e9]):
        monkeypatch.setattr("time.time", lambda clock=clock: clock)
        store.answer("q", 0, f"voice {k}", k)
    assert list(store.answers("q", 0).values()) == [0, 1, 2]


def test_voices_have_numbers_and_there_are_only_so_many(store):
    assert [store.admit(voice, 2) for voice in "abcab"] == [True, True, False, True, True]
    for voice in "ab":
        store.answer("q", 0, voice, voice)
    assert [row[2] for row in store.all_answers()] == [1, 2]


def test_everything_outlives_a_restart(tmp_path):
    path = tmp_path / "class.sqlite"
    first = Store(path)
    key = first.secret("wall")
    first.answer("q", 1, "a", [1, "two"])
    first.put("now", "q")
    first.close()
    second = Store(path)
    assert second.secret("wall") == key
    assert len(key) >= 32
    assert second.answers("q", 1) == {"a": [1, "two"]}
    assert second.get("now") == "q"
    second.close()


def test_a_file_of_another_kind_is_refused_by_name(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("my notes, which nobody wants overwritten " * 20)
    with pytest.raises(HLMError, match=r"notes\.txt cannot be used.*--file"):
        Store(path)
    assert path.read_text().startswith("my notes")


def test_nothing_in_the_file_tells_who_or_when(store, room, answer, tmp_path):
    answer(room, True, token="token-of-a-person-1234")
    store.close()
    with sqlite3.connect(tmp_path / "class.sqlite") as file:
        text = "\n".join(file.iterdump())
    file.close()
    assert "token-of-a-person-1234" not in text
    assert '"activity text' not in text
    assert "time" not in text.lower().replace("sometimes", "")


def test_two_servers_do_not_share_a_file(tmp_path, store):
    with pytest.raises(HLMError, match=r"class\.sqlite cannot be used: another server has it open"):
        Store(tmp_path / "class.sqlite")
    store.put("now", "q")


def test_a_file_of_a_newer_version_is_left_alone(tmp_path):
    path = tmp_path / "class.sqlite"
    with sqlite3.connect(path) as file:
        file.execute("pragma user_version=99")
    file.close()
    with pytest.raises(HLMError, match=r"a newer hlmteach wrote it.*--file"):
        Store(path)


def test_another_programs_file_is_left_as_it_is(tmp_path):
    path = tmp_path / "grades.sqlite"
    with sqlite3.connect(path) as file:
        file.execute("create table answers (student text)")
    file.close()
    before = path.read_bytes()
    with pytest.raises(HLMError, match=r"another program's.*--file"):
        Store(path)
    assert path.read_bytes() == before


def test_a_damaged_file_is_said(tmp_path):
    path = tmp_path / "class.sqlite"
    store = Store(path)
    for k in range(500):
        store.answer("q", 0, f"voice {k}", "x" * 100)
    store.close()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + b"\xff" * 4096 + whole[len(whole) // 2 + 4096 :])
    with pytest.raises(HLMError, match=r"it is damaged.*--file"):
        Store(path)


def test_others_on_this_machine_cannot_read_the_file(tmp_path):
    path = tmp_path / "class.sqlite"
    store = Store(path)
    store.put("now", "q")
    modes = {one.name: one.stat().st_mode & 0o077 for one in tmp_path.iterdir()}
    store.close()
    assert modes["class.sqlite"] == modes["class.sqlite-wal"] == 0


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(HLMError, match=r"cannot be opened.*--file"):
        Store(tmp_path / "nowhere" / "class.sqlite")


def test_a_disk_that_fills_up_is_said_and_what_was_kept_stays(store):
    store.put("now", "q")
    pages = store._file.execute("pragma page_count").fetchone()[0]
    store._file.execute(f"pragma max_page_count={pages}")
    with pytest.raises(HLMError, match="the disk is full"):
        store.put("note", "x" * 4_000_000)
    assert store.get("now") == "q"


def test_a_file_that_may_only_be_read_is_said(store):
    store._file.execute("pragma query_only=1")
    with pytest.raises(HLMError, match="may only be read"):
        store.put("now", "q")
