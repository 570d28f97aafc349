"""Pure judgement: a rule, its series and their points go in, readings, states and texts come out.

The visit: `select` the series, `judge` their points into readings, move each instance's `lifecycle`,
`describe` what fires. No file, network or clock is read.
"""
