"""Whose exercises these are: an id, and for marks a personal code that the teacher hands out."""

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass

from hlmteach.exercises.numbers import ExerciseError
from hlmteach.exercises.stream import Stream

CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # 31, a prime; none is mistaken for another
CODE_LENGTH = 10
PRINTED_CODE = re.compile(r"(?=.*[ -])[a-z0-9 -]{10,16}|[a-z0-9]{11}")  # or a slip of one
LONGEST_ID = 100


@dataclass(frozen=True)
class Student:
    """A student's id and personal code; without an id, whoever practises."""

    id: str = ""
    code: str = ""

    def stream(self, *purpose: str) -> Stream:
        """Return this student's chance for one purpose."""
        return Stream(self.id, self.code, *purpose)

    @property
    def mark(self) -> str:
        """Eight letters that tell one student's data from another's, and give no id away."""
        return Stream(self.id, self.code, "mark").seal[:8]

    def __repr__(self):
        if not self.id:
            return "Practice data: the same for everyone. For your own: hlm.student('your id')."
        by_code = ", with your personal code" if self.code else ""
        return f"Exercises of {self.id}{by_code}: each exercise has your own data in ex.data."


PRACTICE = Student()


def identify(id: str | None = None, secret: str | None = None) -> Student:
    """Return the student of an id; upper case, and spaces around it, do not count.

    Raises
    ------
    ExerciseError
        When the id or the code is no text, has a length that none has, or the two do not belong
        together.
    """
    name, code = _tidy(id, "id"), _tidy(secret, "code")
    if code and not name:
        raise ExerciseError(
            "A code belongs to an id. Write hlm.student('your id', secret='your code')."
        )
    return Student(name, _checked(name, code))


def _checked(id: str, code: str) -> str:
    """The code without its check letter; codes printed before there was one have none."""
    if not PRINTED_CODE.fullmatch(code):
        return code
    letters = re.sub("[ -]", "", code)
    if letters[-1] != _check_letter(id, letters[:-1]):
        raise ExerciseError(
            f"The code {code!r} does not belong to the id {id!r}. One of the two has a slip: "
            "compare both, letter by letter, with what your teacher gave you."
        )
    return letters[:-1]


def _check_letter(id: str, code: str) -> str:
    """One letter that changes with any letter of the code, any two that are swapped, and the id.

    The places weigh 1, 2, 3, ... and the sum is taken modulo 31, as in the check digit of an ISBN.
    """
    places = [CODE_LETTERS.find(letter) for letter in code]
    total = sum(weight * place for weight, place in enumerate(places, 1))
    total += int.from_bytes(hashlib.sha256(id.encode()).digest()[:8], "big")
    return CODE_LETTERS[total % len(CODE_LETTERS)] if len(code) == CODE_LENGTH else ""


def readable_id(text: str) -> str:
    """The id in a text that anybody may have written; "" where it can be none."""
    try:
        return _tidy(text, "id")
    except ExerciseError:
        return ""


def personal_code(id: str, secret: str) -> str:
    """Return the code that a teacher hands to one student.

    It follows from the id and the teacher's secret, and the secret cannot be found from it.

    Parameters
    ----------
    id : str
        The student's id.
    secret : str
        The teacher's, the same for the whole class.

    Returns
    -------
    str

    Examples
    --------
    >>> personal_code("anna", "spring") == personal_code(" Anna ", "spring")
    True
    """
    digest = hmac.digest(secret.encode(), _tidy(id, "id").encode(), hashlib.sha256)
    return "".join(CODE_LETTERS[byte % len(CODE_LETTERS)] for byte in digest[:CODE_LENGTH])


def printed_code(id: str, secret: str) -> str:
    """Return the personal code as it is handed out: in two groups, with a check letter.

    Examples
    --------
    >>> printed_code("anna", "spring").replace("-", "")[:-1] == personal_code("anna", "spring")
    True
    """
    code = personal_code(id, secret)
    return f"{code[:5]}-{code[5:]}-{_check_letter(_tidy(id, 'id'), code)}"


def _tidy(text, what: str) -> str:
    if text is None:
        return ""
    if isinstance(text, bool) or not isinstance(text, str | int):
        raise ExerciseError(f"The {what} {text!r:.60} is not text. Write it in quotes: 'anna'.")
    line = " ".join(unicodedata.normalize("NFKC", str(text)).casefold().split())
    if len(line) > LONGEST_ID:
        raise ExerciseError(
            f"The {what} has {len(line)} characters; at most {LONGEST_ID} are allowed."
        )
    if not line.isprintable():
        raise ExerciseError(f"The {what} {line!r} has unseen characters. Type it anew.")
    return line
