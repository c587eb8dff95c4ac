"""A formula and a table, read once: text -> terms, columns -> numbers and levels, terms -> X."""
