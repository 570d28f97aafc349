"""The last room: a Notification goes in, the vendor's Answer comes out, or a TransportError."""
