"""Demo data: two companies that live two weeks of qualification, made by the program's own actions."""
