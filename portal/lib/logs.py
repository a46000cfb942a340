"""One JSON object a line, control characters escaped, with the request's id."""

import json
import logging

from portal.lib.web import current_request


class JsonFormatter(logging.Formatter):
    """Format a record as one line of JSON; json.dumps escapes control characters."""

    def format(self, record: logging.LogRecord) -> str:
        facts = current_request()
        row = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request": facts.id if facts else None,
        }
        if record.exc_info:
            row["trace"] = self.formatException(record.exc_info)
        return json.dumps(row, ensure_ascii=False)
