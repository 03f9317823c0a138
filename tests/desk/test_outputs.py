"""How printers, displays and the drawer are told."""

from daemon.desk.display_desk import DisplayHealth
from daemon.desk.outputs import outputs
from daemon.desk.print_shown import PrinterHealth
from daemon.domain.print_job import Hold


def test_each_is_told_in_one_shape_and_the_drawer_is_as_well_as_its_printer() -> None:
    printers = [
        PrinterHealth(printer="counter", hold=Hold.PAPER_OUT, last_ticket_ms=7, reconnects=2),
        PrinterHealth(printer="cards", hold=None),
        PrinterHealth(printer="labels", hold=None, is_known=False),
        PrinterHealth(printer="far", hold=Hold.ABSENT),
        PrinterHealth(printer="dead", hold=Hold.SILENT),
    ]
    glass = DisplayHealth(display="glass", state="up", detail="", last_shown_ms=9, reconnects=1)
    found = outputs(printers, [glass], "counter")
    assert [(one.device, one.role, one.state) for one in found] == [
        ("counter", "printer", "held"),
        ("cards", "printer", "up"),
        ("labels", "printer", "connecting"),
        ("far", "printer", "absent"),
        ("dead", "printer", "error"),
        ("glass", "display", "up"),
        ("counter", "drawer", "held"),
    ]
    assert (found[0].last_used_ms, found[0].reconnects, found[5].last_used_ms) == (7, 2, 9)
    assert found[0].detail == found[-1].detail != ""


def test_a_till_without_a_drawer_has_none() -> None:
    assert outputs([PrinterHealth(printer="counter", hold=None)], [], "")[-1].role == "printer"
