"""Every wire protocol, behind the one interface of ``drivers.base``."""
