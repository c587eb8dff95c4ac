"""A class, live: a wall, phones, and everybody a study."""
