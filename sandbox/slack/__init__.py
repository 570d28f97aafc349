"""A strict Slack: chat.postMessage, chat.update and auth.test, with the vendor's limits and error codes."""
