"""What the program itself adds to every question: the workspace."""

from tests.tenancy.catalogue import tenant_models
from workspaces.tenancy import NoWorkspace, current_workspace_id


def unfiltered() -> list[str]:
    """Managers of tenant models that don't filter by the open workspace, as ``"Model.manager"``."""
    wanted = f'"workspace_id" = {current_workspace_id()}'
    return [
        f"{model.__name__}.{name}"
        for model in tenant_models()
        for name in {"_default_manager", "_base_manager", *(one.name for one in model._meta.managers)}
        if wanted not in str(getattr(model, name).all().query)
    ]


def answering_without_workspace() -> list[str]:
    """Tenant models that build a query while no workspace is open, instead of raising."""
    found = []
    for model in tenant_models():
        try:
            model._default_manager.all()
        except NoWorkspace:
            continue
        found.append(model.__name__)
    return found
