"""The Django admin, with the portal's own site class in place of the default one."""

from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    default_site = "portal.audit.admin_site.PortalAdminSite"
