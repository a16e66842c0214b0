"""The pages of this room: lists coming in, leads going out, channels and their forms."""
