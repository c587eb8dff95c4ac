"""From a folder of notebooks to grades: collect runs them boxed, score never runs student code.

find -> collect (in a box, JSON out) -> score (refits from known data) -> tables and pages
"""
