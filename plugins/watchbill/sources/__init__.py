"""Cloud -> Arrow tables. Clients are passed in; what leaves is points inside a window, and their series."""
