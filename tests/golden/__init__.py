"""What widgets, exercises and lessons say and show, recorded before they were written anew.

`record` makes the records, `test_golden` holds the package to them. To record again, all or some:

    python -m tests.golden.record [widgets/ICCDial exercises/08 lessons/03 ...]
"""
