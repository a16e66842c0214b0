"""Formulas of rules: parsed by lark, checked, and compiled to SQL; never run in Python."""

from scoring.formula.parse import NUMERIC, FormulaError, parse
from scoring.formula.sql import formula_sql
from scoring.formula.tree import Part, Reading, readings

__all__ = ["NUMERIC", "FormulaError", "Part", "Reading", "formula_sql", "parse", "readings"]
