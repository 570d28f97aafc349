"""Whom tests ask where it does not matter: the default connections."""

from watchbill.model.targets import Target

CLOUDWATCH = Target("cloudwatch", "aws_default")
DATADOG = Target("datadog", "datadog_default")
SECOND = Target("cloudwatch", "second")
