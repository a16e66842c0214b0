def export_due(workspace, as_of, *, seconds=None):
    return 0
