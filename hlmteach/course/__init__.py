"""The course around the lessons: build, check, hand out, open, and look after the machine.

`source` reads a lesson's Markdown, `terms` the glossary's words that it brings in, and `build`
makes its notebook. `rules`, `numbers`, `length`, `run` and `answers` find what is wrong with it;
`check` reports it. `pages` writes the lessons as pages that work offline, a cell at a time by
`cells`, in the frame of `template`; `cheatsheet` prints the course on two pages. `handout` copies
all to a student, `lab` opens them in JupyterLab, `present` shows one widget on a projector, and
`doctor` looks at the machine. docs/lessons_format.md says how a lesson is written.
"""
