"""All parsers that are fuzzed, by name."""

from tests.fuzz.body_parser import BODY
from tests.fuzz.box_parser import BOXES
from tests.fuzz.line_parser import LINE, STATUS
from tests.fuzz.operation_parser import OPERATIONS
from tests.fuzz.parser import Parser
from tests.fuzz.reader_parser import FRAMES
from tests.fuzz.sheet_parser import SHEET
from tests.fuzz.wire_parser import WIRE
from tests.fuzz.workbook_parser import WORKBOOK

PARSERS: dict[str, Parser] = {
    parser.name: parser for parser in (WIRE, OPERATIONS, LINE, FRAMES, STATUS, SHEET, WORKBOOK, BODY, BOXES)
}
