"""Two leads become one, and can be told apart again."""
