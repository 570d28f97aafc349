from watchbill.dashboards.from_cloudwatch.rows import expanded


def test_a_point_repeats_what_stands_above_it() -> None:
    assert expanded([["AWS/RDS", "ReadIOPS", "DBInstanceIdentifier", "a"], [".", "WriteIOPS", ".", ".", {"id": "m2"}],
                     [".", ".", ".", "b"]]) == [
        ["AWS/RDS", "ReadIOPS", "DBInstanceIdentifier", "a"],
        ["AWS/RDS", "WriteIOPS", "DBInstanceIdentifier", "a", {"id": "m2"}],
        ["AWS/RDS", "WriteIOPS", "DBInstanceIdentifier", "b"]]


def test_three_points_repeat_all_that_stands_there() -> None:
    assert expanded([["AWS/EC2", "CPUUtilization", "InstanceId", "i-1"], ["...", "i-2"], ["...", {"stat": "Maximum"}],
                     [".", "NetworkIn", "..."]]) == [
        ["AWS/EC2", "CPUUtilization", "InstanceId", "i-1"], ["AWS/EC2", "CPUUtilization", "InstanceId", "i-2"],
        ["AWS/EC2", "CPUUtilization", "InstanceId", "i-2", {"stat": "Maximum"}],
        ["AWS/EC2", "NetworkIn", "InstanceId", "i-2"]]


def test_options_are_not_repeated_and_expressions_are_nobodys_row_above() -> None:
    assert expanded([["shop", "errors", {"id": "m1"}], [{"expression": "m1*2"}], [".", "requests"]]) == [
        ["shop", "errors", {"id": "m1"}], [{"expression": "m1*2"}], ["shop", "requests"]]


def test_points_that_repeat_nothing_stay() -> None:
    assert expanded([[".", "errors"], [], "odd"]) == [[".", "errors"], [], "odd"]
