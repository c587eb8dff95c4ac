"""A quiz as Moodle XML, for "Import" in a question bank."""

import base64
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from hlmteach.grading.pages import words
from hlmteach.grading.quiz import Answer, Item

ANYTHING_ELSE = "Not yet. Check which model and which number is asked."
MOODLE_KINDS = {"number": "numerical", "text": "shortanswer", "essay": "essay"}
ESSAY = {"responseformat": "editor", "responserequired": "1", "responsefieldlines": "10"}
ESSAY |= {"attachments": "0", "attachmentsrequired": "0"}


def moodle_xml(items: Sequence[Item], category: str) -> bytes:
    """Moodle's XML of a question bank, into a category of its own."""
    quiz = Element("quiz")
    top = SubElement(quiz, "question", type="category")
    _moodle_text(SubElement(top, "category"), f"$course$/top/{category}")
    for item in items:
        _moodle_question(quiz, item)
    indent(quiz)
    return tostring(quiz, "utf-8", xml_declaration=True)


def _moodle_question(quiz: Element, item: Item) -> None:
    kind = MOODLE_KINDS.get(item.kind, "multichoice")
    question = SubElement(quiz, "question", type=kind)
    _moodle_text(SubElement(question, "name"), item.name)
    asked = SubElement(question, "questiontext", format="html")
    file, content = item.data
    link = f'<p><a href="@@PLUGINFILE@@/{file}">{file}</a></p>' if file else ""
    _moodle_text(asked, item.text + link)
    if file:
        attached = SubElement(asked, "file", name=file, path="/", encoding="base64")
        attached.text = base64.b64encode(content).decode()
    _moodle_text(SubElement(question, "generalfeedback", format="html"), item.solution)
    for name, value in (("defaultgrade", f"{item.points:g}"), ("penalty", "0"), ("hidden", "0")):
        SubElement(question, name).text = value
    if kind == "multichoice":
        SubElement(question, "single").text = "true" if item.kind == "choice" else "false"
        SubElement(question, "shuffleanswers").text = "true"
        SubElement(question, "answernumbering").text = "abc"
    if kind == "shortanswer":
        SubElement(question, "usecase").text = "0"
    if kind == "essay":
        _moodle_essay(question, item)
    for answer in item.answers:
        _moodle_answer(question, item, answer)
    if item.kind in ("number", "text"):
        _moodle_answer(question, item, Answer("*", 0.0, ANYTHING_ELSE))


def _moodle_essay(question: Element, item: Item) -> None:
    """An editor for the student; the model answer for who reads it."""
    for name, value in ESSAY.items():
        SubElement(question, name).text = value
    _moodle_text(SubElement(question, "graderinfo", format="html"), item.solution)
    _moodle_text(SubElement(question, "responsetemplate", format="html"), "")


def _moodle_answer(question: Element, item: Item, answer: Answer) -> None:
    """Moodle knows shares to five decimals, as 33.33333."""
    share = (
        f"{round(100 * answer.share, 5):g}"
        if answer.share % 1 == 0
        else f"{100 * answer.share:.5f}"
    )
    choice = item.kind in ("choice", "choices")
    child = SubElement(
        question, "answer", fraction=share, format="html" if choice else "plain_text"
    )
    _moodle_text(child, words(answer.text) if choice else answer.text)
    if item.kind == "number":
        SubElement(child, "tolerance").text = f"{answer.tolerance:.6g}"
    _moodle_text(SubElement(child, "feedback", format="html"), words(answer.says))


def _moodle_text(parent: Element, text: str) -> None:
    SubElement(parent, "text").text = text
