"""What a lead does not say is asked elsewhere: sources of facts, each behind one small interface."""
