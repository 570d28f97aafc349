"""SNS, SES, S3 and STS: moto over HTTP, stricter where a sender would be misled. CloudWatch has its own."""
