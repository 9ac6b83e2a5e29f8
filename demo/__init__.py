"""A fortnight that never was: conversations of the shapes that real ones have, to see every chart alive."""
