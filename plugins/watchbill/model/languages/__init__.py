"""The vendors' small languages of queries: a text in, its tree out."""
