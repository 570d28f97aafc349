"""A strict CloudWatch: what boto3 sends (AWS JSON 1.0) is answered, or refused, as the vendor does."""
