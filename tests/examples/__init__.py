"""The worked examples of the library's rules, as data, and what runs them."""
