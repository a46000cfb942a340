"""Load a programme from a YAML file, whole or not at all (docs/programme-file.md).

reading.py   bytes → plain values that know their line; refuses what is no plain YAML
checking.py  the schema, then what a schema cannot say: each problem with its line
shifting.py  the same programme in another year
wanted.py    checked values → what the rows should be, with presets for what the file leaves out
writing.py   makes the rows so; writes only what differs
extending.py requests for extension that the file tells of
execution.py where each assignment stood on a day
"""
