"""An exercise as a student meets it: its data, an answer, a check, hints, the solution."""

from pathlib import Path

from hlmteach.exercises.draws import sample_of
from hlmteach.exercises.front import front
from hlmteach.exercises.in_class import hand_on
from hlmteach.exercises.judge import Feedback, check_student
from hlmteach.exercises.kinds import LETTERS
from hlmteach.exercises.numbers import AnswerError, ExerciseError
from hlmteach.exercises.plain import plain_answer
from hlmteach.exercises.question import Question, worded
from hlmteach.exercises.record import Record
from hlmteach.exercises.students import PRACTICE, Student

ENOUGH_ATTEMPTS = 3  # after which the solution is shown, unless the exercise counts for marks


class NoSuchNameError(ExerciseError, AttributeError):
    """A name that an exercise does not have."""


class Exercise:
    """A question, put to one student.

    Made by `hlm.exercise("08-1")`. In a notebook it shows its own widget; without one,
    `ex.answer = 3` and `ex.check()` do the same in text.

    Attributes
    ----------
    data : DataFrame
        A fresh copy of the data to use.
    answer : object
        What was handed in: a number, letter, word, sentences, fitted model or a widget's state.
    attempts : int
        Checked answers that could be read.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> ex = hlm.exercise("08-2")
    >>> ex.answer = 6562.89
    >>> ex.check().is_right
    True
    """

    def __init__(self, question: Question, student: Student = PRACTICE):
        self._question, self._student = question, student
        self._record = Record(exercise=question.id, student=student.id, mark=student.mark)
        self._problem = ""
        self._feedback = None

    def __setattr__(self, name, value):
        if name.startswith("_") or name == "answer":
            object.__setattr__(self, name, value)
        else:
            raise ExerciseError(f"An exercise has no {name!r} to set. Write: ex.answer = ...")

    def __getattr__(self, name):
        if name.startswith("_"):  # what Jupyter and copy ask of any object
            raise AttributeError(name)
        raise NoSuchNameError(
            f"An exercise has no {name!r}. It has data, answer, attempts, check(), hint(), tick() "
            "and solution()."
        )

    # -- what is asked -------------------------------------------------------------------

    @property
    def id(self) -> str:
        """Lesson and number."""
        return self._question.id

    @property
    def question(self) -> Question:
        """What is asked, without a student."""
        return self._question

    @property
    def student(self) -> Student:
        """Who is asked."""
        return self._student

    @property
    def sample(self):
        """The student's data with the fits that the key needs."""
        return sample_of(self._question, self._student)

    @property
    def data(self):
        """The data to use: your own after `hlm.student("your id")`, else the practice data."""
        return self.sample.frame.copy()

    @property
    def text(self) -> str:
        """What is asked, in Markdown."""
        question = worded(self._question.text, self.sample)
        if "`ex." not in question:
            return question
        bank = f', bank="{_from_here(self._question.bank)}"' if self._question.bank else ""
        return f'{question} Here `ex = hlm.exercise("{self.id}"{bank})`.'

    # -- answering -----------------------------------------------------------------------

    @property
    def answer(self):
        """What was handed in last, as plain values."""
        return self._record.answer

    @answer.setter
    def answer(self, answer):
        self.hand_in(answer, "code")

    def hand_in(self, answer, origin: str) -> None:
        """Take an answer and put it on record.

        Parameters
        ----------
        answer : object
            A number, letter, word, fitted model or a widget's state.
        origin : {"code", "widget"}
            Where it was given.

        Examples
        --------
        >>> import hlmteach as hlm
        >>> ex = hlm.exercise("08-2")
        >>> ex.hand_in("6533,55", "widget")
        >>> ex.answer
        '6533,55'
        """
        try:
            plain, self._problem = plain_answer(answer, self._question.kind.longest), ""
        except AnswerError as error:
            plain, self._problem = None, str(error)
        self._record = self._record.with_answer(plain, origin)
        self._feedback = None
        front().publish(self)

    def check(self, answer=None) -> Feedback:
        """Judge the answer, and say what to do next.

        Parameters
        ----------
        answer : object, optional
            Handed in first, as by `ex.answer = ...`.

        Returns
        -------
        Feedback

        Examples
        --------
        >>> import hlmteach as hlm
        >>> ex = hlm.exercise("08-1")
        >>> ex.answer = 2
        >>> print(ex.check())
        One short. Besides the intercept there are two variances: which is missing?
        """
        if answer is not None:
            self.answer = answer
        feedback = self._judge()
        self._record = self._record.after(feedback)
        self._feedback = feedback
        if feedback.counts:  # a class is told this much, and not the answer
            verdict = {"status": feedback.status, "mistake": feedback.mistake}
            hand_on(f"exercise-{self.id}", verdict)
        front().publish(self)
        return feedback

    def _judge(self) -> Feedback:
        if self._problem:
            return Feedback("malformed", self._problem)
        return check_student(self._question, self._student, self._record.answer)

    @property
    def attempts(self) -> int:
        """Answers checked so far, without those that could not be read."""
        return self._record.attempts

    @property
    def solved(self) -> bool:
        """Whether a right answer has been given, or one in own words where those are asked."""
        return self._record.solved

    @property
    def feedback(self) -> Feedback | None:
        """What was said to the present answer."""
        return self._feedback

    # -- help ----------------------------------------------------------------------------

    def hint(self) -> str:
        """Return the next hint; after the last one, all of them.

        Returns
        -------
        str

        Examples
        --------
        >>> import hlmteach as hlm
        >>> hlm.exercise("08-2").hint()
        Hint 1 of 3: AIC = 2 k - 2 logLik.
        """
        self._record = self._record.with_hint(len(self._question.hints))
        front().publish(self)
        return Words("\n".join(self.hints))

    @property
    def hints(self) -> list[str]:
        """The hints taken so far."""
        given = self._question.hints[: self._record.hints]
        total = len(self._question.hints)
        return [
            f"Hint {i} of {total}: {worded(h, self.sample)}" for i, h in enumerate(given, start=1)
        ]

    def solution(self) -> str:
        """Return the worked answer with your numbers, once it is time for it.

        Returns
        -------
        str

        Examples
        --------
        >>> import hlmteach as hlm
        >>> hlm.exercise("08-4").solution()
        The worked answer is shown when yours is right, or after 3 attempts. Take a hint.
        """
        if not self.may_see_solution and self.rubric:
            return Words("The model answer is shown when you have written yours.")
        if not self.may_see_solution:
            when = "" if self._student.code else f", or after {ENOUGH_ATTEMPTS} attempts"
            return Words(f"The worked answer is shown when yours is right{when}. Take a hint.")
        return Words("\n".join([self._question.solution(self.sample), *self._to_tick()]))

    def tick(self, letters) -> str:
        """Tick the points of the model answer that your own words make too.

        Parameters
        ----------
        letters : str
            Such as "a, c"; "" for none.

        Returns
        -------
        str
            The model answer and its points.

        Raises
        ------
        ExerciseError
            When there are no points to tick yet, or none of these letters.

        Examples
        --------
        >>> import hlmteach as hlm
        >>> hlm.exercise("08-1").tick("a")
        Traceback (most recent call last):
        hlmteach.exercises.numbers.ExerciseError: There is nothing to tick yet. ...
        """
        if not self.rubric or not self.may_see_solution:
            raise ExerciseError(
                "There is nothing to tick yet. Points stand beside the model answer of an exercise "
                "in your own words, once you have written them."
            )
        try:
            ticks = self._question.kind.ticked(letters)
        except AnswerError as error:
            raise ExerciseError(str(error)) from None
        self._record = self._record.with_ticks(ticks)
        front().publish(self)
        return self.solution()

    @property
    def rubric(self) -> dict[str, str]:
        """The points of a model answer by their letters; none where an answer is judged."""
        return getattr(self._question.kind, "rubric", {})

    def _to_tick(self) -> list[str]:
        ticks = self._record.ticks
        points = [f"[{'x' if a in ticks else ' '}] {a}) {text}" for a, text in self.rubric.items()]
        return ['Did you say that? Tick it: ex.tick("a")', *points] if points else []

    @property
    def may_see_solution(self) -> bool:
        """Whether it is time: solved, or tried three times where it does not count for marks."""
        return self.solved or (self.attempts >= ENOUGH_ATTEMPTS and not self._student.code)

    # -- the notebook --------------------------------------------------------------------

    @property
    def record(self) -> Record:
        """The answer and its history, as the notebook keeps them."""
        return self._record

    def restore(self, record: Record) -> None:
        """Take up what a saved notebook holds, if it is this student's and further on.

        Parameters
        ----------
        record : Record
            Of an earlier kernel.

        Examples
        --------
        >>> import hlmteach as hlm
        >>> ex = hlm.exercise("08-5")
        >>> ex.restore(ex.record)
        >>> ex.attempts
        0
        """
        if (record.exercise, record.mark) == (self.id, self._student.mark):
            self._record = self._record.with_past(record)
            self._feedback = self._judge() if self._record.status else None

    @property
    def options(self) -> dict[str, str]:
        """The options by their letters; none where there is nothing to choose."""
        options = getattr(self._question.kind, "options", ())
        return dict(zip(LETTERS, options, strict=False))

    def __repr__(self):
        options = [f"{letter}) {text}" for letter, text in self.options.items()]
        title = f"Exercise {self.id}: {self._question.title}"
        return "\n".join([title, self.text, *options, self._state()])

    def _state(self) -> str:
        if self._feedback is not None:
            shown = [f"Your answer: {self.answer}. {self._feedback}"]
            shown += [f"Model answer: {self.solution()}"] if self.rubric and self.solved else []
            return "\n".join(shown)
        return f"Expected: {self._question.kind.expected}. Write ex.answer = ... and ex.check()"

    def _ipython_display_(self):
        front().show(self)


def _from_here(path: str) -> str:
    """A path as it is written in a notebook: from the working folder, where it is below that."""
    folder = Path.cwd()
    return Path(path).relative_to(folder).as_posix() if Path(path).is_relative_to(folder) else path


class Words(str):
    """Text that is shown as it reads, without quotes and backslashes."""

    __slots__ = ()

    def __repr__(self):
        return str(self)
