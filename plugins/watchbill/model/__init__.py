"""The words that every room shares. Nothing here reads a file, a clock or a network."""
