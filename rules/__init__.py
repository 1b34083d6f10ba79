"""What is true in the library: pure values and functions, no clock and no database."""
