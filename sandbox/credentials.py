"""What the sandbox lets in: made-up names and keys, fit to be shown. Every service refuses all others."""

AWS_ACCESS_KEY_ID = "AKIASANDBOX0WATCHBIL"
AWS_SECRET_ACCESS_KEY = "sandbox"  # any secret is taken: no signature is checked
AWS_REGION = "eu-west-1"
AWS_ACCOUNT = "123456789012"

SES_SENDER = "watchbill@example.com"
SNS_TOPIC = "watchbill-alerts"
SNS_FIFO_TOPIC = "watchbill-alerts.fifo"
SNS_TOPIC_ARN = f"arn:aws:sns:{AWS_REGION}:{AWS_ACCOUNT}:{SNS_TOPIC}"
SNS_FIFO_TOPIC_ARN = f"arn:aws:sns:{AWS_REGION}:{AWS_ACCOUNT}:{SNS_FIFO_TOPIC}"
S3_BUCKET = "watchbill-lake"

DATADOG_API_KEY = "sandbox0datadog0api0key0000000ff"
DATADOG_APPLICATION_KEY = "sandbox0datadog0application0key00000000f"

SLACK_BOT_TOKEN = "xoxb-sandbox-0000000000-watchbill"
SLACK_CHANNELS = {"alerts": "C0SANDALERT", "ops": "C0SANDBOXOP"}  # name -> id
