"""AWS's Resource Groups Tagging API: which resources there are, and their tags."""
