"""What Gradescope's autograder runs: `python -m hlmteach.grading.gradescope /autograder`.

The same box and the same scoring as `hlmteach grade`; the result is Gradescope's results.json.
"""

import json
import sys
from pathlib import Path

from hlmteach.errors import HLMError
from hlmteach.exercises.bank import bank_folder
from hlmteach.exercises.desk import find_question
from hlmteach.grading.box import scratch_folder
from hlmteach.grading.collect import Collected, collect
from hlmteach.grading.find import find_submissions
from hlmteach.grading.limits import Limits
from hlmteach.grading.score import Line, Person, gather, score


def main(root: Path) -> None:
    """Grade the one submission below `root`, and write its results."""
    asked = json.loads((root / "source" / "assignment.json").read_text(encoding="utf-8"))
    try:
        bank = root / "source" / "bank" / asked["bank"] if asked.get("bank") else None
        results = grade_one(root / "submission", asked["exercises"], asked["secret"], bank)
    except HLMError as error:  # nothing to grade is a result as well
        results = {"score": 0.0, "output": str(error)}
    place = root / "results"
    place.mkdir(parents=True, exist_ok=True)
    (place / "results.json").write_text(json.dumps(results, indent=1), encoding="utf-8")


def grade_one(submission: Path, exercises: list[str], secret: str = "", bank=None) -> dict:
    """Grade a folder with one student's files.

    Returns
    -------
    dict
        As Gradescope's specification of results.json has it.
    """
    questions = [find_question(name, bank) for name in exercises]
    limits, beside = Limits(), bank_folder(bank) if bank else {}
    with scratch_folder() as spool:
        collected = [
            (one, collect(one.copy, limits, beside=beside) if one.copy else Collected())
            for one in find_submissions(submission, spool, limits)
        ]
    people = [score(person, questions, secret) for person in gather(collected, [])]
    best = max(people, key=lambda person: (person.points, bool(person.records)))
    return results_of(best, {question.id: question.title for question in questions})


def results_of(person: Person, titles: dict[str, str]) -> dict:
    """One person's lines as Gradescope shows them."""
    notes = "; ".join(person.notes)
    return {
        "output": f"Student id: {person.id or 'none given'}. {notes}".strip(),
        "tests": [_test(line, titles[line.exercise]) for line in person.lines],
    }


def _test(line: Line, title: str) -> dict:
    answer = f"Your answer: {line.answer}\n" if line.answer else ""
    return {
        "name": f"{line.exercise} {title}",
        "score": line.points,
        "max_score": line.most,
        "status": "passed" if line.verdict in ("right", "written") else "failed",
        "output": f"{answer}{line.feedback}",
        "visibility": "visible",
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
