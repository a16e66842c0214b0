"""Reading a list of leads from a file, whatever program saved it: rows of text, in flat memory.

    with open_list(path_or_file, filename) as sheet:
        sheet.columns                       # the names in the header row
        for found in sheet.rows():          # (row number, cells) or RowProblem

Text files of any size are streamed; workbooks are checked for bombs before anything is unpacked.
"""

from intake.reading.faults import RowProblem, UnreadableList
from intake.reading.opening import open_list
from intake.reading.sheet import Sheet

__all__ = ["RowProblem", "Sheet", "UnreadableList", "open_list"]
