"""A small cloud on 127.0.0.1, for trying and testing."""
