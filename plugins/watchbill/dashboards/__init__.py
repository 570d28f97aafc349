"""One declaration for two clouds: a Dashboard goes in, a body in each cloud's own words comes out, and is kept."""
