"""Demo data: two companies that live a month of qualification, made by the program's own actions."""
