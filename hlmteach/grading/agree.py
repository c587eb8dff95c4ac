"""Does the class fit the call? A wrong id column or secret marks all wrong: better to stop."""

from collections import Counter
from collections.abc import Sequence

from hlmteach.errors import HLMError
from hlmteach.exercises.question import Question
from hlmteach.exercises.students import Student, personal_code, readable_id
from hlmteach.grading.roster import Roster, is_same_number
from hlmteach.grading.score import Person

FEWEST_NOTEBOOKS = 2  # with answers: one student's slip is no matter of the class


def check_agreement(
    people: Sequence[Person], questions: Sequence[Question], roster: Roster, secret: str
) -> None:
    """Stop where more than half of the notebooks disagree with the call in one and the same way.

    Parameters
    ----------
    people : sequence of Person
        Scored.
    questions : sequence of Question
    roster : Roster
    secret : str
        The teacher's, or "".

    Raises
    ------
    HLMError
        With the way in which they disagree, and what to do.
    """
    answered = [person for person in people if person.records]
    if len(answered) < FEWEST_NOTEBOOKS:
        return
    ways = Counter(filter(None, (_way(person, questions, roster, secret) for person in answered)))
    for way, count in ways.most_common(1):
        if 2 * count > len(answered):
            reason = REASONS[way](answered, roster)
            raise HLMError(
                f"{count} of {len(answered)} notebooks with answers {reason} No gradebook was "
                "written, for it would mark the class wrong. If all is as it should be, add "
                "--anyway."
            )


def _way(person: Person, questions, roster: Roster, secret: str) -> str:
    """The way in which a person's notebook disagrees with the call; "" where it does not."""
    records = [person.records[q.id] for q in questions if q.id in person.records]
    if not records:
        return "lesson"
    record = records[0]
    given = readable_id(record.student)
    if roster.members and given and (person.member is None or given != person.id):
        return "id"
    if not given:
        return "no id" if roster.members else ""
    code = personal_code(given, secret) if secret else ""
    if record.mark == Student(given, code).mark:
        return ""
    if not secret:
        return "no secret"
    return "no code" if record.mark == Student(given).mark else "secret"


def _ids(answered: Sequence[Person], roster: Roster) -> str:
    """Say which ids were used, and which column of the class list has them."""
    used = [readable_id(r.student) for p in answered for r in list(p.records.values())[:1]]
    used = [name for name in dict.fromkeys(used) if name]
    fits = {
        name: len({readable_id(member.get(name)) for member in roster.members} & set(used))
        for name in roster.columns
    }
    best = max(fits, key=fits.get, default="")
    ids = [member.id for member in roster.members]
    if any(is_same_number(name, id) for name in used for id in ids):
        return (
            f"use an id with other zeros in front than the class list ({', '.join(used[:3])}, ... "
            f"for {', '.join(ids[:3])}, ...): a spreadsheet drops them. Export the list anew and "
            "do not save it in a spreadsheet."
        )
    remedy = (
        f"The column {best!r} has {fits[best]} of them: add --id-column {best!r}."
        if best != roster.id_column and fits.get(best)
        else "No column of the class list has them: is it the right class list?"
    )
    return (
        f"use an id that the class list has not under {roster.id_column!r} for whom the file "
        f"names ({', '.join(used[:3])}, ...). {remedy}"
    )


REASONS = {
    "lesson": lambda answered, roster: (
        "hold no answer to these exercises; they have "
        f"{', '.join(sorted({name for p in answered for name in p.records})[:5])}. "
        "Name the right lesson with --lesson."
    ),
    "id": _ids,
    "no id": lambda answered, roster: (
        "have no line hlm.student(...), so they hold answers to the practice data. Ask the class "
        "to add it; or grade without --roster."
    ),
    "no secret": lambda answered, roster: (
        "were answered with a personal code, and no secret was given here. Set HLMTEACH_SECRET, or "
        "use --secret-file."
    ),
    "no code": lambda answered, roster: (
        "were answered without a personal code, though a secret was given here. Leave the secret "
        "out (unset HLMTEACH_SECRET)."
    ),
    "secret": lambda answered, roster: (
        "were answered with codes that this secret does not give. Is it the secret that the codes "
        "were made with?"
    ),
}
