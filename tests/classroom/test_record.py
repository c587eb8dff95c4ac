import csv
import io

from hlmteach.classroom.record import record_csv, record_html


def rows(room):
    return list(csv.DictReader(io.StringIO(record_csv(room))))


def test_the_table_has_every_answer_and_no_voice(lesson_room, answer):
    answer(lesson_room, 70)
    lesson_room.teach({"do": "open", "key": "study-intervals"})
    lesson_room.teach({"do": "set", "name": "groups", "value": 10})
    answer(lesson_room, True)
    guess, study = rows(lesson_room)
    assert guess["answer"] == "70.0"
    assert guess["phone"] == study["phone"] == "1"
    assert study["round"] == "2"
    assert "groups 10" in study["set"]
    assert study["answer"].startswith("estimate ")
    assert lesson_room.voice("a token of sixteen") not in record_csv(lesson_room)


def test_no_answer_is_markup_or_a_formula(lesson_room, answer):
    typed = next(
        one.key
        for one in lesson_room.activities.values()
        if one.kind == "exercise" and not one.about["options"]
    )
    lesson_room.teach({"do": "open", "key": typed})
    answer(lesson_room, "<script>alert(1)</script>", token="one" * 8)
    answer(lesson_room, '=HYPERLINK("x")', token="two" * 8)
    page = record_html(lesson_room)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "2 phones took part" in page
    assert [row["answer"][0] for row in rows(lesson_room)] == ["<", "'"]


def test_a_question_of_another_lesson_keeps_its_key(lesson_room, store):
    store.admit("a", 10)
    store.answer("guess-99", 0, "a", 3)
    assert rows(lesson_room)[0]["question"] == "guess-99"
