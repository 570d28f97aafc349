"""A strict Slack: messages, edits, files and auth.test, with the vendor's limits and error codes."""
