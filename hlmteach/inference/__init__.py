"""Functions of a Fit: intervals, tests, variance, prediction, simulation. None changes it.

Rooms, each knowing only those before it: `simulation`, `profiling`, `coefficients`, `intervals`,
`comparison`, `variance`, `studies`, `prediction`, `other_programs`. Beside them `arguments`, what
a student may hand to a verb, and `likelihood`, the simplest model of all.
"""
