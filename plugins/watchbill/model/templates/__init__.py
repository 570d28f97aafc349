"""Templates of messages: Go's, as Alertmanager has them, translated to Jinja; Jinja rendered in a sandbox."""
