"""A teacher's own bank: the example of docs/exercises.md, and what is said of a faulty one."""

import re
import shutil
from pathlib import Path

import pytest

import hlmteach as hlm
from hlmteach.cli import main
from hlmteach.exercises import bank
from hlmteach.exercises.desk import clear_desk, find_question
from hlmteach.exercises.draws import sample_of
from hlmteach.exercises.numbers import BankError
from hlmteach.exercises.proof import check_bank, prove
from hlmteach.exercises.students import identify
from hlmteach.widgets.exercise import tally

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "exercises.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"```toml\n(.*?)```", DOCS, re.DOTALL)[1]
FEW = [identify(f"student {number}") for number in range(5)]


@pytest.fixture(autouse=True)
def _clear():
    clear_desk()
    yield
    clear_desk()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with the example and its data."""
    monkeypatch.chdir(tmp_path)
    hlm.load("sleepstudy").to_csv("sleep.csv", index=False)
    Path("mine.toml").write_text(EXAMPLE, encoding="utf-8")
    return tmp_path


def written(text, name="mine.toml"):
    Path(name).write_text(text, encoding="utf-8")
    return name


# -- the example ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_example_of_the_docs_is_proved_on_200_students(folder, capsys):
    assert main(["exercises", "check", "mine.toml"]) == 0
    assert "3 exercises, each tried on 200 students" in capsys.readouterr().out


def test_the_example_is_answered_like_any_exercise(folder):
    hlm.student("anna")
    ex = hlm.exercise("mine-1", bank="mine.toml")
    assert ex is hlm.exercise("mine-1", bank="mine.toml")
    assert 'Here `ex = hlm.exercise("mine-1", bank="mine.toml")`' in ex.text
    fits = {
        method: hlm.lme("Reaction ~ Days", ex.data, random="~Days|Subject", method=method)
        for method in ("ML", "REML")
    }
    sd = {method: fit.covariances["Subject"].sd[1] for method, fit in fits.items()}
    assert ex.check(sd["ML"] ** 2).mistake == "variance for sd"
    by_reml = ex.check(sd["REML"])
    assert (by_reml.mistake, by_reml.points) == ("REML for ML", 1.0)
    right = ex.check(f"{sd['ML']:.2f}")
    assert (right.is_right, right.points) == (True, 2.0)
    assert f"{sd['ML']:.2f} beside `Days`" in ex.solution()
    assert tally(ex).endswith("mine: 1 of 3 solved · anna")
    assert hlm.progress("mine", bank="mine.toml") == (1, 3)


def test_a_word_and_a_choice_of_the_example_are_judged(folder):
    ex = hlm.exercise("mine-2", bank="mine.toml")
    assert ex.check(" `subject` ").is_right
    assert ex.check("Days").mistake == "predictor for group"
    assert ex.solution() == "`Subject`: each has 10 rows."
    ex = hlm.exercise("mine-3", bank="mine.toml")
    assert ex.check("c").mistake == "sd for standard error"
    assert ex.check("a").is_right


def test_without_an_id_the_data_are_those_of_the_file(folder):
    assert hlm.exercise("mine-1", bank="mine.toml").data.equals(hlm.read_table("sleep.csv"))


def test_a_student_s_data_stay_as_they_are_from_version_to_version(folder):
    """Drawn by the same rule everywhere: a class in mid-term keeps its numbers."""
    hlm.student("anna")
    data = hlm.exercise("mine-1", bank="mine.toml").data
    assert list(data) == ["Reaction", "Days", "Subject"]
    assert data["Reaction"].head(3).tolist() == FIRST_OF_ANNA
    assert data["Days"].equals(hlm.read_table("sleep.csv")["Days"])
    hlm.student("bo")
    assert not hlm.exercise("mine-1", bank="mine.toml").data.equals(data)


FIRST_OF_ANNA = [199.357, 276.613, 309.753]


def test_a_bank_that_was_changed_is_read_anew(folder):
    before = hlm.exercise("mine-3", bank="mine.toml")
    written(EXAMPLE.replace("What follows?", "What follows from that?"))
    after = hlm.exercise("mine-3", bank="mine.toml")
    assert "What follows from that?" in after.text
    assert after is not before


def test_a_bank_is_found_by_its_name_where_its_path_is_another_s(folder):
    assert hlm.exercise("mine-3", bank="/home/teacher/mine.toml").id == "mine-3"
    with pytest.raises(BankError, match=r"There is no bank 'other\.toml'"):
        hlm.exercise("mine-3", bank="other.toml")
    with pytest.raises(hlm.HLMError, match="The bank has mine-1, mine-2, mine-3"):
        hlm.exercise("mine-9", bank="mine.toml")
    assert hlm.exercise("8.1", bank="mine.toml").id == "08-1"


# -- one table is a new exercise ------------------------------------------------------------------

NEW = """
[[question]]
id = "08-9"
title = "BIC by hand"
text = "What is the BIC of Model 2 on `ex.data`, by ML? 2 decimals."
answer = { number = "s.model2().bic", decimals = 2, tolerance = 0.02 }
hints = ["Each parameter costs log(n)."]
solution = "3 * log({len(data)}) - 2 * ({two:.3f}) = {s.model2().bic:.2f}."
right = "BIC asks more of a parameter than AIC does, from 8 rows on."
[question.mistakes]
"AIC for BIC" = ["s.model2().aic", "That is the AIC. BIC's penalty is log(n) for each parameter."]
"k without variances" = ["log(len(data)) - 2 * two", "Variances are parameters too."]
"""


def test_one_more_table_in_a_lesson_s_file_is_one_more_exercise(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "lessons" / "source", tmp_path / "source")
    shutil.copy(next((ROOT / "lessons").glob("08_*.ipynb")), tmp_path)
    path = next((tmp_path / "source").glob("08_*.toml"))
    path.write_text(path.read_text(encoding="utf-8") + NEW, encoding="utf-8")
    monkeypatch.setattr(bank, "lessons_folder", lambda: tmp_path)
    for kept in (bank.bank_files, bank.lesson_bank, bank.asked_in):
        kept.cache_clear()
    try:
        ex = hlm.exercise("08-9")
        assert hlm.progress("08") == (0, 4), "no cell of the lesson asks for it"
        assert ex.check(hlm.exercise("08-9").sample.model2().aic).mistake == "AIC for BIC"
        assert prove([ex.question], FEW) == []
    finally:
        for kept in (bank.bank_files, bank.lesson_bank, bank.asked_in):
            kept.cache_clear()


# -- data -----------------------------------------------------------------------------------------

WITH_DATA = """
[data.own]
{}

[[question]]
id = "own-1"
title = "A mean"
data = "own"
text = "The mean of `Reaction`?"
answer = {{ number = "data['Reaction'].mean()", decimals = 1, tolerance = 0.06 }}
solution = "{{data['Reaction'].mean():.1f}}"
"""


def own_sample(settings, student="anna"):
    question = find_question("own-1", written(WITH_DATA.format(settings)))
    return sample_of(question, identify(student)).frame


def test_a_share_of_the_rows_is_drawn_for_each_student(folder):
    whole = hlm.read_table("sleep.csv")
    drawn = own_sample('file = "sleep.csv"\nrows = 0.5')
    assert len(drawn) == 90
    assert len(drawn.merge(whole)) == 90
    assert not drawn.equals(own_sample('file = "sleep.csv"\nrows = 0.5', "bo"))
    assert len(own_sample('file = "sleep.csv"\nrows = 100')) == 100


def test_whole_groups_are_drawn(folder):
    drawn = own_sample('dataset = "sleepstudy"\nrows = 12\ngroups = "Subject"')
    assert set(drawn.groupby("Subject", observed=True).size()) == {10}
    assert drawn["Subject"].nunique() == 12


def test_a_new_outcome_has_the_model_s_spread_and_the_file_s_digits(folder):
    model = 'file = "sleep.csv"\nmodel = "Reaction ~ Days + (Days | Subject)"'
    truth = hlm.lmer("Reaction ~ Days + (Days | Subject)", hlm.read_table("sleep.csv"))
    fits = [
        hlm.lmer("Reaction ~ Days + (Days | Subject)", own_sample(model, f"s{i}"))
        for i in range(60)
    ]
    for name, of in {"slope": lambda f: f.fixef["Days"], "sigma": lambda f: f.sigma}.items():
        drawn = [of(fit) for fit in fits]
        spread = 3 * (sum((d - of(truth)) ** 2 for d in drawn) / 60) ** 0.5 / 60**0.5
        assert abs(sum(drawn) / 60 - of(truth)) < spread, name
    sds = [fit.covariances["Subject"].sd for fit in fits]
    for i, sd in enumerate(truth.covariances["Subject"].sd):
        assert sum(one[i] for one in sds) / 60 == pytest.approx(sd, rel=0.15)
    limited = own_sample(model + "\ndecimals = 0\nlimits = [250, 350]")["Reaction"]
    assert limited.between(250, 350).all()
    assert (limited == limited.round()).all()


def test_missing_rows_stay_missing(folder):
    data = hlm.read_table("sleep.csv")
    data.loc[3, "Reaction"] = None
    data.to_csv("gaps.csv", index=False)
    drawn = own_sample('file = "gaps.csv"\nmodel = "Reaction ~ Days + (1 | Subject)"')
    assert drawn["Reaction"].isna().tolist() == data["Reaction"].isna().tolist()


def test_a_file_outside_the_bank_s_folder_is_refused(folder):
    inner = folder / "inner"
    inner.mkdir()
    text = WITH_DATA.format('file = "../sleep.csv"')
    (inner / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BankError, match="is not beside the bank"):
        hlm.exercise("own-1", bank=inner / "mine.toml")


@pytest.mark.parametrize(
    ("settings", "said"),
    {
        'file = "slep.csv"': "slep.csv",
        'dataset = "sleepstdy"': "Did you mean 'sleepstudy'",
        'file = "sleep.csv"\ndataset = "HLM"': "Say where the data are",
        'file = "sleep.csv"\nmodel = "Reaction ~ Day + (1|Subject)"': "no column 'Day'",
        'file = "sleep.csv"\nmodel = "Reaction ~ I(open(Days))"': "no function open()",
        'file = "sleep.csv"\nmodel = "log(Reaction) ~ Days"': "must be a column as it is",
        'file = "sleep.csv"\nmodel = "Reaction ~ Days"\nrows = 0.5': "not both",
        'file = "sleep.csv"\nrows = 400': "draws 400 of 180",
        'file = "sleep.csv"\nrows = "some"': "rows is a share",
        'file = "sleep.csv"\nrows = 5\ngroups = "Sbject"': "no column 'Sbject'",
        'file = "sleep.csv"\ngroups = "Subject"': "groups goes with rows",
        'file = "sleep.csv"\nmodle = "y ~ x"': "Data have no 'modle'",
        'file = "sleep.csv"\nmodel = 3': "model",
        'file = "sleep.csv"\nmodel = "Reaction ~ Days"\nlimits = 3': "two ends of the scale",
        'file = "sleep.csv"\nmodel = "Reaction ~ Days"\ndecimals = 0.5': "whole number from 0",
    }.items(),
)
def test_faults_of_data_are_named(folder, settings, said):
    with pytest.raises(BankError) as error:
        find_question("own-1", written(WITH_DATA.format(settings)))
    assert "[data.own]" in str(error.value)
    assert said in str(error.value)


# -- what is wrong with a bank --------------------------------------------------------------------


def faults_of(old, new):
    assert EXAMPLE.count(old) == 1
    path = written(EXAMPLE.replace(old, new))
    with pytest.raises(BankError) as error:
        find_question("mine-1", path)
    return str(error.value)


def line_of(text):
    return next(i for i, row in enumerate(EXAMPLE.splitlines(), 1) if row.startswith(text))


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        ('title = "How far', 'titel = "How far', "question mine-1, titel", "Did you mean `title`?"),
        ('title = "How far people differ"\n', "", "question mine-1", "'title' is missing"),
        ('id = "mine-2"', 'id = "mine-1"', "question mine-1, id", "is taken by a question above"),
        ('id = "mine-2"', 'id = "08-2"', "question 08-2, id", "An id is such as mine-1"),
        ('"slopes", dec', '"slope", dec', "question mine-1, answer", "Did you mean `slopes`?"),
        ('"slopes", dec', '"slopes +", dec', "question mine-1, answer", "is no expression"),
        ('"slopes**2"', '"slopes.apply(2)"', "mine-1, variance for sd", "`.apply` is not among"),
        ('"slopes**2"', "[]", "mine-1, variance for sd", "no number and no expression"),
        ("{slopes:.2f}", "{slops:.2f}", "question mine-1, solution", "Did you mean `slopes`?"),
        ("{slopes:.2f}", "{slopes:.2f", "question mine-1, solution", "A brace is alone"),
        (", tolerance = 0.011", "", "question mine-1, answer", "How near is near enough?"),
        (", tolerance = 0.011", ", tolerence = 1", "question mine-1, answer", "no 'tolerence'"),
        (', example = "school"', "", "question mine-2, answer", "Add an example"),
        ('answer = { word = "Sub', 'anser = { word = "Sub', "question mine-2", "answer is missing"),
        ('"about one person in twenty is not slowed at all"', '["a", "b", "c"]', "mine-3", "one m"),
        ('["Reaction", "`Reaction` is', '["`Reaction` is', "outcome for group", "is missing"),
        ('"REML for ML" = 0.5', '"REML" = 0.5', "question mine-1, credit", "There are: variance"),
        ('"REML for ML" = 0.5', '"REML for ML" = 5', "question mine-1, credit", "from 0 to 1"),
        ("points = 2", 'points = "2"', "question mine-1, points", "a number above 0"),
        ('data = "sleep"\npoints', 'data = "slep"\npoints', "mine-1, data", "you mean `sleep`?"),
        ("[define]", "[defne]", "[defne]", "Did you mean `define`?"),
        ("slopes = ", "icc = ", "[define], icc", "cannot be defined"),
        ('slopes = "fit', 'slopes = "slopes + fit', "question mine-1", "defined by itself"),
        ("hints = [\"Whose", "hints = \"Whose", "", "no TOML"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_question_key_and_remedy(folder, old, new, where, said):
    told = faults_of(old, new)
    assert where in told
    assert said in told


def test_a_fault_has_its_line(folder):
    told = faults_of('"slopes", dec', '"slope", dec')
    assert f"line {line_of('answer = { number')}, question mine-1, answer" in told
    told = faults_of('"slopes**2"', '"slopes.apply(2)"')
    assert f"""line {line_of('"variance for sd"')}, question mine-1, variance for sd""" in told


def test_several_faults_are_told_at_once(folder, capsys):
    text = EXAMPLE.replace("{slopes:.2f}", "{slops:.2f}").replace('"slopes", dec', '"slope", dec')
    assert main(["exercises", "check", written(text.replace('id = "mine-3"', 'id = "3"'))]) == 1
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 3
    assert [int(re.search(r"line (\d+)", row)[1]) for row in told] == sorted(
        int(re.search(r"line (\d+)", row)[1]) for row in told
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"slopes**2"', '"slopes + 0.015"', "less than twice the tolerance apart"),
        ('"slopes**2"', '"fit.se[\'Days\']"', "less than twice the tolerance apart"),
        ('"slopes**2"', "\"fit.se['Dys']\"", "cannot be computed (KeyError: 'Dys')"),
        ('"slopes**2"', "\"log(0 * slopes)\"", "cannot be computed (ValueError"),
        ('"slopes**2"', '"1e999"', "comes to inf"),
        ('"slopes**2"', '"fit"', "comes to a Fit; one number is needed"),
        ("has {slopes:.2f} beside", "has it beside", "does not show"),
        ("{slopes:.2f}", "{fit.fixef:.2f}", "cannot be written"),
        ("That is the variance. Its", "That is {slopes}. Its", "no template, and {slopes} stays"),
        ('hints = ["Whose reactions resemble each other?"]\n', "", "It has no hint"),
        ('["Days", "`Days` are', '["Subject", "`Days` are', "less than twice the tolerance apart"),
        ("decimals = 2, tol", "decimals = 0, tol", "is taken for"),
        ("[define] ", "[define]\nspare = \"1\"\n#", "used nowhere"),
    ],
)  # fmt: skip
def test_check_finds_what_only_computing_shows(folder, old, new, said):
    assert EXAMPLE.count(old) == 1
    (fault,) = check_bank(written(EXAMPLE.replace(old, new)), FEW)
    assert said in str(fault)


# -- what no bank may do --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')", "s.__class__", "s._kept", "data.to_csv('x')",
        "data.query('a')", "data.eval('a')", "open('x')", "(lambda: 1)()", "[x for x in data]",
        "data.pipe(open)", "f'{s}'", "s.once(1, 2)", "chi2.rvs(1)", "data.dropna(inplace=True)",
        "(x := 3)", "{1: 2}", "'a'.format(s)", "max(*data)", "len(**data)", "b'x'", "1j",
        "s.fit('Reaction ~ open(Days)')", "s.fit('Reaction ~ {Days}')",
        "s.fit('Reaction ~ I(Days.__class__)')", "s.fit('Reaction ~ np.add(Days, 1)')",
        "s.fit('Reaction ~ Days', '~ I(open)(Days)|Subject')", "s.fit('Reaction ~ `open` (Days)')",
    ],
)  # fmt: skip
def test_no_expression_leaves_the_list_of_words(folder, text):
    settings = WITH_DATA.format('file = "sleep.csv"').replace("data['Reaction'].mean()", text, 1)
    (fault,) = check_bank(written(settings), FEW)
    assert re.search(
        "not among|holds|no expression|cannot be computed \\((FormulaError|DataError)", str(fault)
    )


def test_a_huge_bank_is_not_read(folder):
    with pytest.raises(BankError, match="A bank is smaller"):
        find_question("own-1", written("#" * 1_000_001))
