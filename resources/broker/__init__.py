"""Configurations of Mosquitto, and the script that makes the certificates of a plant."""
