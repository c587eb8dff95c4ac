"""A quiz as QTI 1.2, for "Import Course Content", "QTI .zip file" in Canvas."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from hlmteach.grading.pages import words
from hlmteach.grading.quiz import Answer, Item
from hlmteach.grading.zips import zip_of

QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
PACKAGE = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
CANVAS_KINDS = {
    "number": "numerical_question",
    "text": "short_answer_question",
    "choice": "multiple_choice_question",
    "choices": "multiple_answers_question",
    "essay": "essay_question",
}
RESPONSE = "response1"


def canvas_zip(items: Sequence[Item], title: str) -> bytes:
    """A zip of QTI 1.2 as Canvas imports it ("QTI .zip file"); the data lie in it as files."""
    files = {"quiz/quiz.xml": qti_xml(items, title), "imsmanifest.xml": _manifest(items)}
    files |= {f"data/{name}": content for name, content in (item.data for item in items) if name}
    return zip_of(files)


def qti_xml(items: Sequence[Item], title: str) -> bytes:
    """The questions as one assessment of QTI 1.2."""
    root = Element("questestinterop", xmlns=QTI)
    assessment = SubElement(root, "assessment", ident="quiz", title=title)
    _fields(SubElement(assessment, "qtimetadata"), {"cc_maxattempts": "1"})
    section = SubElement(assessment, "section", ident="root_section")
    for number, item in enumerate(items, 1):
        _qti_item(section, item, f"q{number}")
    indent(root)
    return tostring(root, "utf-8", xml_declaration=True)


def _fields(parent: Element, values: dict[str, str]) -> None:
    for label, entry in values.items():
        pair = SubElement(parent, "qtimetadatafield")
        SubElement(pair, "fieldlabel").text = label
        SubElement(pair, "fieldentry").text = entry


def _qti_item(section: Element, item: Item, ident: str) -> None:
    element = SubElement(section, "item", ident=ident, title=item.name)
    metadata = SubElement(SubElement(element, "itemmetadata"), "qtimetadata")
    kind, points = CANVAS_KINDS[item.kind], f"{item.points:g}"
    _fields(metadata, {"question_type": kind, "points_possible": points})
    presentation = SubElement(element, "presentation")
    file = item.data[0]
    link = f'<p><a href="$IMS-CC-FILEBASE$/data/{file}">{file}</a></p>' if file else ""
    _material(presentation, item.text + link)
    choices = item.kind in ("choice", "choices")
    _response(presentation, item) if choices else _blank(presentation, item)
    processing = SubElement(element, "resprocessing")
    decided = SubElement(processing, "outcomes")
    SubElement(decided, "decvar", maxvalue="100", minvalue="0", varname="SCORE", vartype="Decimal")
    named = [(f"a{n}", answer) for n, answer in enumerate(item.answers, 1)]
    feedback = _feedback(item, named)
    for name in feedback:
        _feedback_condition(processing, item, name)
    _score_conditions(processing, item, named)
    for name, text in feedback.items():
        shown = SubElement(element, "itemfeedback", ident=f"{name}_fb")
        _material(SubElement(shown, "flow_mat"), text)


def _feedback(item: Item, named) -> dict[str, str]:
    """What is said, by the option chosen; of what is typed, to right and to wrong answers.

    Canvas takes every number that a condition names for a right answer. So the usual slips stand in
    one text for all wrong answers.
    """
    if item.kind == "essay":
        return {"general": item.solution}
    if item.kind in ("choice", "choices"):
        return {name: words(answer.says) for name, answer in named if answer.says}
    slips = "".join(f"<li>{words(answer.says)}</li>" for _, answer in named if answer.share < 1)
    right = next(answer.says for _, answer in named if answer.share == 1)
    wrong = f"<p>Not yet. Some usual slips:</p><ul>{slips}</ul>" if slips else "<p>Not yet.</p>"
    return {"correct": words(right), "general_incorrect": wrong}


def _material(parent: Element, html: str) -> None:
    material = SubElement(parent, "material")
    SubElement(material, "mattext", texttype="text/html").text = html


def _response(presentation: Element, item: Item) -> None:
    several = "Multiple" if item.kind == "choices" else "Single"
    response = SubElement(presentation, "response_lid", ident=RESPONSE, rcardinality=several)
    shown = SubElement(response, "render_choice")
    for number, answer in enumerate(item.answers, 1):
        _material(SubElement(shown, "response_label", ident=f"a{number}"), words(answer.text))


def _blank(presentation: Element, item: Item) -> None:
    response = SubElement(presentation, "response_str", ident=RESPONSE, rcardinality="Single")
    kind = {"fibtype": "Decimal"} if item.kind == "number" else {}
    blank = SubElement(response, "render_fib", **kind)
    SubElement(blank, "response_label", ident="answer1")


def _feedback_condition(processing: Element, item: Item, name: str) -> None:
    if name == "correct":
        return  # said where the score is given
    condition = SubElement(processing, "respcondition", {"continue": "Yes"})
    variable = SubElement(condition, "conditionvar")
    if name in ("general", "general_incorrect"):
        SubElement(variable, "other")
    else:
        SubElement(variable, "varequal", respident=RESPONSE).text = name
    SubElement(condition, "displayfeedback", feedbacktype="Response", linkrefid=f"{name}_fb")


def _score_conditions(processing: Element, item: Item, named) -> None:
    """The right answer; of several options all right ones and no other."""
    condition = SubElement(processing, "respcondition", {"continue": "No"})
    variable = SubElement(condition, "conditionvar")
    if item.kind == "essay":
        SubElement(variable, "other")
        return
    right = [(name, answer) for name, answer in named if answer.share > 0]
    if item.kind == "choices":
        variable = SubElement(variable, "and")
        for name, answer in named:
            place = variable if answer.share > 0 else SubElement(variable, "not")
            SubElement(place, "varequal", respident=RESPONSE).text = name
    elif item.kind == "number":
        _within(variable, next(answer for _, answer in right if answer.share == 1))
    else:
        for name, answer in right:
            text = answer.text if item.kind == "text" else name
            SubElement(variable, "varequal", respident=RESPONSE).text = text
    SubElement(condition, "setvar", action="Set", varname="SCORE").text = "100"
    if item.kind in ("number", "text"):
        SubElement(condition, "displayfeedback", feedbacktype="Response", linkrefid="correct_fb")


def _within(parent: Element, answer: Answer) -> None:
    value, within = float(answer.text), answer.tolerance
    either = SubElement(parent, "or")
    SubElement(either, "varequal", respident=RESPONSE).text = answer.text
    between = SubElement(either, "and")
    SubElement(between, "vargte", respident=RESPONSE).text = f"{value - within:.12g}"
    SubElement(between, "varlte", respident=RESPONSE).text = f"{value + within:.12g}"


def _manifest(items: Sequence[Item]) -> bytes:
    root = Element("manifest", xmlns=PACKAGE, identifier="hlmteach")
    about = SubElement(root, "metadata")
    SubElement(about, "schema").text = "IMS Content"
    SubElement(about, "schemaversion").text = "1.1.3"
    SubElement(root, "organizations")
    resources = SubElement(root, "resources")
    quiz = SubElement(resources, "resource", identifier="quiz", type="imsqti_xmlv1p2")
    SubElement(quiz, "file", href="quiz/quiz.xml")
    for name in (item.data[0] for item in items if item.data[0]):
        place = f"data/{name}"
        one = SubElement(resources, "resource", identifier=name, type="webcontent", href=place)
        SubElement(one, "file", href=place)
    indent(root)
    return tostring(root, "utf-8", xml_declaration=True)
