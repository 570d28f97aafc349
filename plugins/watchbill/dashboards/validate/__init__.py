"""What a cloud would refuse of a dashboard, or show otherwise than meant: found before any call is made."""

from watchbill.dashboards.validate.dashboard import check_body, validate

__all__ = ["check_body", "validate"]
