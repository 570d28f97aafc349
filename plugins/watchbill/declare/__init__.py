"""What a user writes becomes the shared words, strictly: YAML in, models and findings out.

The visit: `files` finds and decodes them, `document` reads YAML and remembers lines, `explain` turns
what pydantic refuses into findings, `parts` makes models of it, `checks` compares the parts.
"""
