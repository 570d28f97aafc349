"""How each cloud says what an `expression` may: data, for both directions.

CloudWatch: docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
Datadog: docs.datadoghq.com/dashboards/functions
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """A function in both languages: {0} {1} are its arguments, {all} all of them with commas; "" where it has none."""

    cloudwatch: str
    datadog: str
    lossy: str = ""  # what is other on the other cloud


FUNCTIONS: dict[str, Said] = {
    "abs": Said("ABS({0})", "abs({0})"),
    "ceil": Said("CEIL({0})", ""),
    "floor": Said("FLOOR({0})", ""),
    "ln": Said("LOG({0})", "(log2({0}) * 0.6931471805599453)"),
    "log10": Said("LOG10({0})", "log10({0})"),
    "log2": Said("(LOG({0}) / 0.6931471805599453)", "log2({0})"),
    "rate": Said("RATE({0})", "per_second({0})"),
    "diff": Said("DIFF({0})", "diff({0})"),
    "cumsum": Said("RUNNING_SUM({0})", "cumsum({0})"),
    "fill": Said("FILL({0}, {1})", ""),
    "period": Said("PERIOD({0})", ""),
    "anomaly": Said("ANOMALY_DETECTION_BAND({all})", "anomalies({0}, 'agile', {1})",
                    "each cloud learns what is usual in its own way"),
    "min": Said("MIN([{all}])", ""),
    "max": Said("MAX([{all}])", ""),
    "sum": Said("SUM([{all}])", "({plus})"),
    "avg": Said("AVG([{all}])", "(({plus}) / {count})"),
}
"""What Datadog has no function for and what depends on the arguments, dashboards/formulas.py decides."""

OPERATORS = {"Add": "+", "Sub": "-", "Mult": "*", "Div": "/"}
"""Python's names of them; those of both clouds. CloudWatch has ^ besides."""
