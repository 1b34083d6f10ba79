"""When jobs run: Dramatiq actors, their broker and the clock."""
