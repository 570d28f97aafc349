"""What the sandbox lets in: made-up names and keys, fit to be shown. Every service refuses all others."""

from dataclasses import dataclass

AWS_ACCESS_KEY_ID = "AKIASANDBOX0WATCHBIL"
AWS_SECRET_ACCESS_KEY = "sandbox"  # any secret is taken: no signature is checked
AWS_REGION = "eu-west-1"
AWS_ACCOUNT = "123456789012"

OTHER_ACCESS_KEY_ID = "AKIASANDBOX1WATCHBIL"
OTHER_ACCOUNT = "999988887777"
THIRD_ACCOUNT = "555566667777"  # reached by its role alone

SES_SENDER = "watchbill@example.com"
SNS_TOPIC = "watchbill-alerts"
SNS_FIFO_TOPIC = "watchbill-alerts.fifo"
SNS_TOPIC_ARN = f"arn:aws:sns:{AWS_REGION}:{AWS_ACCOUNT}:{SNS_TOPIC}"
SNS_FIFO_TOPIC_ARN = f"arn:aws:sns:{AWS_REGION}:{AWS_ACCOUNT}:{SNS_FIFO_TOPIC}"
S3_BUCKET = "watchbill-lake"

DATADOG_API_KEY = "sandbox0datadog0api0key0000000ff"
DATADOG_APPLICATION_KEY = "sandbox0datadog0application0key00000000f"

OTHER_DATADOG_API_KEY = "sandbox1datadog1api1key1111111ff"
OTHER_DATADOG_APPLICATION_KEY = "sandbox1datadog1application1key11111111f"
DATADOG, OTHER_DATADOG = "main", "other"  # organisations
DATADOG_KEYS = {  # organisation -> its API key and application key
    DATADOG: (DATADOG_API_KEY, DATADOG_APPLICATION_KEY),
    OTHER_DATADOG: (OTHER_DATADOG_API_KEY, OTHER_DATADOG_APPLICATION_KEY),
}

SLACK_BOT_TOKEN = "xoxb-sandbox-0000000000-watchbill"
SLACK_CHANNELS = {"alerts": "C0SANDALERT", "ops": "C0SANDBOXOP"}  # name -> id


@dataclass(frozen=True)
class Role:
    """An IAM role that every key of the sandbox may assume."""

    arn: str
    external_id: str | None = None  # asked for by its trust policy

    @property
    def account(self) -> str:
        return self.arn.split(":")[4]


AWS_KEYS = {AWS_ACCESS_KEY_ID: AWS_ACCOUNT, OTHER_ACCESS_KEY_ID: OTHER_ACCOUNT}  # key -> account
READER_ROLE = Role(f"arn:aws:iam::{AWS_ACCOUNT}:role/reader")
OTHER_ROLE = Role(f"arn:aws:iam::{OTHER_ACCOUNT}:role/watchbill", "watchbill-external")
THIRD_ROLE = Role(f"arn:aws:iam::{THIRD_ACCOUNT}:role/watchbill")
ROLES = {role.arn: role for role in (READER_ROLE, OTHER_ROLE, THIRD_ROLE)}
