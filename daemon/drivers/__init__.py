"""The devices: bytes become events, badges become bytes. Opens what the configuration names, and nothing else.

both     device        events; what a driver must have       serial_port  a port held alone (pyserial)
readers  supervisor    opens, waits, opens again             event_queue  from the drivers to the desk
         catalogue     kind > module; third parties          hotplug      what udev saw plugged in (pyudev)
         line_reader   the shell around a session            framed_session  framer > meaning > debounce
         serial_reader, keyboard_scanner   barcodes          rdm6300, wiegand_reader  125 kHz tags
         msr605        magnetic stripes                      pn532, pcsc_reader       contactless cards
         framing, key_framing, pn532_frames  bytes > frames  card_formats, contactless, tag_number  frame > code
         conformance   what a driver must do                 pytest_plugin   runs it on a capture
printers printer       takes its line, sends one ticket      printer_lines, usb_line  where it is plugged in
         printer_language  understood: escpos, zpl; page_printer for ipp_printer, folder_printer
         printer_dialogue, polled_dialogue, one_way  what became?  printer_status, zpl_status, ipp_wire  bytes>values
         guarded_dialogue  a bug ends one talk    printer_bench, printer_conformance  what a language must do
         badge_picture, slip_picture, pdf  what it looks like          raster  letters, symbols (Pillow, segno, barcode)
         customer_display  two lines for the customer
no hardware: simulated_scanner on a pty; simulated_printer on TCP, with escpos_commands and paper_roll

tap    serial_port > framing > card_formats > debounce > event_queue > desk
badge  desk > printer > badge_picture > escpos > printer_dialogue > serial_port or TCP
"""
