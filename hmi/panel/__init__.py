"""The Qt panel."""
