"""The tutorial's R verbs, and printouts laid out as nlme and lme4 lay them out."""
