"""What can be said of flows before anybody answers them: every question reachable, no condition
idle, every visitor sent somewhere that is served.

Each claim is *proved*, *refuted* with a visitor who shows it, or *not proved* with the reason.
"""

from webapp.core.checkup.findings import Finding, FlowFacts, Report, Visitor
from webapp.core.checkup.report import check

__all__ = ["Finding", "FlowFacts", "Report", "Visitor", "check"]
