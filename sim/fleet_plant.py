"""The edge nodes of a simulated bottling hall: six by name, any number of others after them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from drivers.sparkplug.model import MetricType
from sim.fleet_metrics import FleetMetric, counter, fixed, flag, following, rate, real, setpoint, switch, text

DEFAULT_GROUP = "BottlingHall"
GENERIC_METRICS = 20


@dataclass(frozen=True, slots=True)
class NodeDesign:
    """An edge node: its own metrics, and those of its devices by the device's name."""

    name: str
    metrics: tuple[FleetMetric, ...] = ()
    devices: Mapping[str, tuple[FleetMetric, ...]] = field(default_factory=dict)


def hall(nodes: int, generic_metrics: int = GENERIC_METRICS) -> tuple[NodeDesign, ...]:
    """The first so many nodes: the six of the hall, then ``Edge-0007`` and so on with made-up metrics."""
    others = (_generic(number, generic_metrics) for number in range(len(_NAMED) + 1, nodes + 1))
    return (*_NAMED[:nodes], *others)


def _generic(number: int, metrics: int) -> NodeDesign:
    kinds = (
        lambda i: real(f"Temperature {i}", "degC", 20.0 + i, 2.0, 90.0, step_s=5.0),
        lambda i: real(f"Pressure {i}", "bar", 3.0, 0.3, 45.0, step_s=5.0, digits=2),
        lambda i: counter(f"Count {i}", 30.0, 0),
        lambda i: flag(f"Running {i}", 120.0, 0.9),
        lambda i: setpoint(f"Setpoint {i}", "%", 50.0, 0.0, 100.0),
    )
    machine = tuple(kinds[i % len(kinds)](i // len(kinds) + 1) for i in range(metrics))
    return NodeDesign(f"Edge-{number:04d}", _about("Generic gateway", f"G{number:05d}"), {"Machine": machine})


def _about(model: str, serial: str) -> tuple[FleetMetric, ...]:
    return (
        text("Properties/Hardware Make", "Brimline"),
        text("Properties/Hardware Model", model),
        text("Properties/Serial Number", serial),
        text("Properties/Firmware", "4.2.1"),
    )


# The order gives the aliases: FillLevel has 12, BottlesFilled 25.
_FILLER = (
    flag("BottlePresent", 3.1, 0.6),
    flag("BottleAtFill", 3.1, 0.5),
    flag("BottleAtCap", 3.1, 0.3),
    flag("LowLevel", 900.0, 0.02),
    flag("HighLevel", 900.0, 0.02),
    flag("CapPresent", 3.1, 0.5),
    flag("FillValve", 3.1, 0.45),
    flag("ConveyorMotor", 600.0, 0.97),
    flag("CappingMotor", 600.0, 0.96),
    flag("IndicatorGreen", 600.0, 0.95),
    flag("IndicatorRed", 1800.0, 0.01),
    flag("IndicatorYellow", 600.0, 0.04),
    real("FillLevel", "%", 50.0, 12.5, 240.0),
    real("FillFlowRate", "L/min", 29.6, 1.0, 30.0, digits=2),
    real("TankTemperature", "degC", 12.8, 0.4, 300.0, step_s=5.0, digits=2),
    real("TankPressure", "psi", 14.6, 0.3, 90.0, step_s=2.0, digits=2),
    following("ConveyorSpeed", "rpm", "ConveyorSpeedSetpoint", 0.4, 0.0, 80.0),
    setpoint("ConveyorSpeedSetpoint", "rpm", 58.0, 40.0, 66.0),
    setpoint("FillTargetSetpoint", "ml", 500.0, 450.0, 550.0),
    following("BottleFillVolume", "ml", "FillTargetSetpoint", 2.0, 0.0, 600.0),
    flag("SystemRunning", 600.0, 0.96),
    flag("Filling", 3.1, 0.45),
    flag("Ready", 600.0, 0.98),
    flag("Fault", 1800.0, 0.01),
    switch("AutoMode", True),
    counter("BottlesFilled", 38.8, 8640),
    counter("BottlesRejected", 0.3, 41),
    rate("BottlesPerMinute", "bottles/min", 39, 1),
    flag("LowProductLevel", 1800.0, 0.01),
    flag("Overfill", 1200.0, 0.005),
    flag("Underfill", 1200.0, 0.005),
    flag("NoBottle", 900.0, 0.01),
    flag("CapMissing", 1200.0, 0.005),
)

_CAPPER = (
    flag("Running", 600.0, 0.96),
    flag("Fault", 1800.0, 0.01),
    following("HeadSpeed", "rpm", "HeadSpeedSetpoint", 1.5, 0.0, 400.0),
    setpoint("HeadSpeedSetpoint", "rpm", 240.0, 120.0, 320.0),
    following("Torque", "N·m", "TorqueSetpoint", 0.06, 0.0, 4.0),
    setpoint("TorqueSetpoint", "N·m", 1.8, 1.2, 2.6),
    real("CapHopperLevel", "%", 62.0, 9.0, 400.0, step_s=5.0),
    real("MotorCurrent", "A", 4.1, 0.3, 25.0, digits=2),
    real("MotorTemperature", "degC", 48.0, 1.5, 500.0, step_s=10.0),
    flag("CapChuteEmpty", 900.0, 0.03),
    counter("BottlesCapped", 38.7, 8622),
    counter("CapsRejected", 0.2, 17, "caps"),
    rate("CapsPerMinute", "caps/min", 39, 1),
    switch("CapFeederOn", True),
)

_LABELLER = (
    flag("Running", 600.0, 0.95),
    flag("Fault", 1800.0, 0.01),
    flag("WebBroken", 2400.0, 0.004),
    flag("ReelLow", 900.0, 0.08),
    flag("GlueReady", 600.0, 0.99),
    text("LabelFormat", "Spring water 0.5 L", "Lemon 0.5 L", period_s=1800.0),
    real("FrontReelDiameter", "mm", 240.0, 30.0, 900.0, step_s=10.0, digits=0),
    real("BackReelDiameter", "mm", 220.0, 30.0, 900.0, step_s=10.0, digits=0),
    real("WebTension", "N", 18.0, 0.8, 15.0, digits=2),
    following("GlueTemperature", "degC", "GlueTemperatureSetpoint", 0.5, 0.0, 220.0),
    setpoint("GlueTemperatureSetpoint", "degC", 145.0, 120.0, 170.0),
    setpoint("LabelOffsetSetpoint", "mm", 0.0, -5.0, 5.0),
    following("LabelOffset", "mm", "LabelOffsetSetpoint", 0.15, -10.0, 10.0),
    real("DrumSpeed", "rpm", 77.0, 1.0, 20.0),
    real("MotorCurrent", "A", 3.2, 0.2, 25.0, digits=2),
    counter("BottlesLabelled", 38.6, 8590),
    counter("LabelsRejected", 0.25, 33, "labels"),
    rate("LabelsPerMinute", "labels/min", 39, 1),
    real("PrinterInk", "%", 71.0, 6.0, 3600.0, step_s=60.0, digits=0),
    switch("DateCoderOn", True),
)

_PACKER = (
    flag("Running", 600.0, 0.95),
    flag("Fault", 1800.0, 0.01),
    flag("InfeedBlocked", 1200.0, 0.02),
    following("CycleTime", "s", "CycleTimeSetpoint", 0.12, 0.0, 30.0),
    setpoint("CycleTimeSetpoint", "s", 9.2, 8.0, 15.0),
    real("ShrinkTunnelTemperature", "degC", 168.0, 2.0, 180.0, step_s=5.0),
    real("VacuumPressure", "mbar", 310.0, 12.0, 18.0, digits=0),
    real("FilmReel", "%", 55.0, 10.0, 1800.0, step_s=30.0, digits=0),
    real("MotorCurrent", "A", 6.4, 0.4, 25.0, digits=2),
    counter("PacksMade", 6.4, 1430, "packs"),
    counter("PacksRejected", 0.05, 6, "packs"),
    counter("PalletsDone", 0.1, 22, "pallets"),
    rate("PacksPerHour", "packs/h", 384, 6),
    text("PackFormat", "6 x 0.5 L"),
    switch("FilmHeaterOn", True),
    FleetMetric("BottlesPerPack", MetricType.UINT16, fixed(6), "bottles", 4.0, 12.0, writable=True),
)

_UTILITIES = (
    real("Air/Pressure", "bar", 6.8, 0.15, 40.0, digits=2),
    setpoint("Air/Pressure Setpoint", "bar", 6.8, 5.5, 8.0),
    real("Air/Flow", "m³/h", 412.0, 18.0, 70.0, digits=0),
    real("Air/Dew Point", "degC", -38.0, 1.0, 600.0, step_s=10.0),
    flag("Air/Compressor 1", 600.0, 0.9),
    flag("Air/Compressor 2", 180.0, 0.4),
    real("Water/Pressure", "bar", 4.2, 0.1, 50.0, digits=2),
    real("Water/Flow", "m³/h", 22.5, 1.2, 60.0),
    counter("Water/Total", 375.0, 1_204_880, "L"),
    real("Steam/Pressure", "bar", 9.1, 0.2, 120.0, step_s=2.0, digits=2),
    real("Steam/Flow", "kg/h", 860.0, 35.0, 150.0, step_s=2.0, digits=0),
    real("Steam/Boiler Level", "%", 58.0, 3.0, 200.0, step_s=5.0),
    real("Chiller/Supply Temperature", "degC", 2.1, 0.2, 240.0, step_s=5.0, digits=2),
    real("Chiller/Return Temperature", "degC", 6.4, 0.3, 260.0, step_s=5.0, digits=2),
    setpoint("Chiller/Supply Setpoint", "degC", 2.0, 1.0, 6.0),
    switch("Chiller/Enable", True),
    real("Power/Active", "kW", 284.0, 12.0, 45.0),
    real("Power/Reactive", "kvar", 61.0, 4.0, 45.0),
    real("Power/Voltage L1", "V", 231.0, 0.8, 30.0, step_s=2.0),
    real("Power/Frequency", "Hz", 50.0, 0.02, 25.0, digits=3),
    counter("Power/Energy", 284.0 / 60.0, 912_340, "kWh"),
    real("CO2/Tank Level", "%", 64.0, 2.0, 3600.0, step_s=60.0),
)

_CELLAR = (
    *(
        metric
        for tank in (1, 2, 3)
        for metric in (
            real(f"Tank {tank}/Level", "%", 30.0 + 18.0 * tank, 4.0, 800.0 + 90.0 * tank, step_s=5.0),
            real(f"Tank {tank}/Temperature", "degC", 3.0 + tank, 0.2, 400.0, step_s=5.0, digits=2),
            real(f"Tank {tank}/Pressure", "bar", 1.1, 0.05, 90.0, step_s=2.0, digits=3),
            setpoint(f"Tank {tank}/Temperature Setpoint", "degC", 3.0 + tank, 0.0, 12.0),
            flag(f"Tank {tank}/Outlet Open", 1200.0, 0.34),
        )
    ),
    switch("Transfer Pump/Run", True),
    following("Transfer Pump/Speed", "%", "Transfer Pump/Speed Setpoint", 0.6, 0.0, 110.0),
    setpoint("Transfer Pump/Speed Setpoint", "%", 74.0, 20.0, 100.0),
    real("Transfer Pump/Flow", "L/min", 31.0, 1.1, 30.0),
    real("Blend/Brix", "°Bx", 10.4, 0.08, 120.0, step_s=2.0, digits=2),
    real("Blend/CO2", "g/L", 5.2, 0.06, 110.0, step_s=2.0, digits=2),
    text("Blend/Recipe", "Lemon", "Spring water", period_s=3600.0),
    text("CIP/Phase", "Idle", "Rinse", "Caustic", "Rinse", period_s=300.0),
)

_NAMED = (
    NodeDesign("Edge-Filler-1", _about("EN100", "EN100-0411"), {"Filler": _FILLER}),
    NodeDesign("Edge-Capper-1", _about("EN100", "EN100-0412"), {"Capper": _CAPPER}),
    NodeDesign("Edge-Labeller-1", _about("EN100", "EN100-0415"), {"Labeller": _LABELLER}),
    NodeDesign("Edge-Packer-1", _about("EN100", "EN100-0417"), {"Packer": _PACKER}),
    NodeDesign("Edge-Utilities", (*_about("EN300", "EN300-0108"), *_UTILITIES)),
    NodeDesign("Edge-Cellar", (*_about("EN300", "EN300-0113"), *_CELLAR)),
)
