"""The questions and commands of the desk, one function each, in domain values."""
