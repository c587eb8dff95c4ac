"""Graded exercises: questions, data of one's own, and feedback that names the mistake. No HTML.

Question + Sample -> key and mistakes; Question + Sample + plain answer -> Feedback
"""

from hlmteach.exercises.desk import exercise, progress, student
from hlmteach.exercises.front import offer_front
from hlmteach.exercises.judge import Feedback, check
from hlmteach.exercises.personal import Exercise
from hlmteach.exercises.question import Mistake, Question
from hlmteach.exercises.students import Student, personal_code

__all__ = [
    "Exercise",
    "Feedback",
    "Mistake",
    "Question",
    "Student",
    "check",
    "exercise",
    "offer_front",
    "personal_code",
    "progress",
    "student",
]
