"""Does an edge node, a host application or a broker keep to Sparkplug 3.0? Judged from outside only.

``observer`` modules judge what the subject publishes and do no I/O; ``probe`` modules provoke it;
``run`` puts both together: ``check_edge``, ``check_host``, ``check_broker``.
"""
