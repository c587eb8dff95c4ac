"""The course around the lessons: build, check, hand out, open, and look after the machine.

`source` reads a lesson's Markdown, `build` makes its notebook, `rules` and `run` find what is wrong
with it and `check` reports both; `handout` copies notebooks to a student, `lab` opens them in
JupyterLab and `doctor` looks at the machine. docs/lessons_format.md says how a lesson is written.
"""
